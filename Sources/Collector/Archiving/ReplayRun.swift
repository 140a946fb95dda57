import EventModel
import EventSchema
public import EventWriter
import JSON
import Postgres
import Replay

/// Archives the events of files and counts what became of them.
public struct ReplayRun: Sendable {
    /// Where rejections and warnings are told, a line each.
    public protocol Output: Sendable {
        func line(_ text: String)
    }

    /// What became of all that was read; its description is the line that `replay` prints.
    public struct Summary: Sendable, Equatable, CustomStringConvertible {
        /// Events that were not there before.
        public fileprivate(set) var stored = 0
        /// Events that were there already.
        public fileprivate(set) var duplicate = 0
        /// Events, and things in their place, that cannot be archived.
        public fileprivate(set) var rejected = 0
        /// Why the program is to end with 1, the first reason of several; all have been told. Nil if all is well.
        public fileprivate(set) var failure: String?

        fileprivate mutating func add(_ other: Summary) {
            stored += other.stored
            duplicate += other.duplicate
            rejected += other.rejected
        }

        /// The sum of the three.
        public var read: Int { stored + duplicate + rejected }

        /// `read=N stored=N duplicate=N rejected=N`.
        public var description: String { "read=\(read) stored=\(stored) duplicate=\(duplicate) rejected=\(rejected)" }
    }

    private let writer: EventWriter
    private let output: any Output

    /// Writes through this writer.
    public init(writer: EventWriter, output: any Output) {
        self.writer = writer
        self.output = output
    }

    /// Replays one file after the other. When the task is cancelled, it ends after the batch under way.
    public func run(_ files: [String]) async -> Summary {
        var summary = Summary()
        var old = 0
        let firstKept = EventRetention(months: EventRetention.defaultMonths).firstKept(at: WallClock.now)
        for file in files {
            let before = summary
            do {
                try await ReplayFile(path: file).forEachBatch { batch in
                    old += batch.count {
                        (try? $0.event.get()).map { EventMonth(microseconds: $0.time) < firstKept } ?? false
                    }
                    summary.add(
                        try await Shield.run(grace: Self.grace) { [self] in try await archive(batch, of: file) }
                    )
                    try Task.checkCancellation()
                }
            } catch is CancellationError {
                output.line("interrupted in \(file): what was counted is committed")
                break
            } catch {
                // A ReplayError names the file itself.
                fail(error is ReplayError ? "\(error)" : "\(file): \(error)", &summary)
                if error is PostgresError || error is SchemaError { break }
                continue
            }
            let read = summary.read - before.read
            if read > 0, read == summary.rejected - before.rejected {
                fail("\(file): everything in it was rejected", &summary)
            }
        }
        if old > 0 {
            output.line(
                "warning: \(old) events are older than \(EventRetention.defaultMonths) months, which `kee-collector watch` removes by default"
            )
        }
        return summary
    }

    private func fail(_ words: String, _ summary: inout Summary) {
        output.line(words)
        summary.failure = summary.failure ?? words
    }

    private func archive(_ batch: [ReplayItem], of file: String) async throws -> Summary {
        var summary = Summary()
        var events: [Event] = []
        var places: [Int] = []
        var refused: [RefusedEvent] = []
        for item in batch {
            switch item.event {
            case .success(let event):
                events.append(event)
                places.append(item.index)
            case .failure(let rejection):
                summary.rejected += 1
                output.line("\(file): item \(item.index): \(rejection)")
                refused.append(RefusedEvent(body: item.body[...], reason: "\(rejection)"))
            }
        }
        let outcome = try await write(events, refused)
        summary.stored += outcome.stored
        summary.duplicate += outcome.duplicates
        summary.rejected += outcome.rejected.count
        for rejected in outcome.rejected {
            output.line("\(file): item \(places[rejected.index]): \(rejected.reason)")
        }
        return summary
    }

    /// A database that goes away for a moment is waited for.
    private func write(_ events: [Event], _ refused: [RefusedEvent]) async throws -> EventWriter.Outcome {
        let end = ContinuousClock.now + Self.patience
        var backoff = Backoff()
        while true {
            do {
                return try await writer.write(events, refused: refused, deadline: end)
            } catch let error as PostgresError where error.isTransient && ContinuousClock.now < end {
                try await Task.sleep(for: backoff.next())
            }
        }
    }

    private static let patience = Duration.seconds(60)
    /// For the batch under way when the program is told to end, which it is to do within 10 s.
    private static let grace = Duration.seconds(7)
}
