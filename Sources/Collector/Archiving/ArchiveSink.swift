import EventModel
public import EventWriter
import JSON
public import Logging
import Metrics
import Postgres
import Synchronization
public import Watch

/// Brings what a watch delivers into the archive. It returns when a batch is committed, however long the database is
/// away: until then nothing more is taken from the watch, and nothing is dropped.
public struct ArchiveSink: WatchSink {
    /// How the archive is doing, for readiness.
    public let status = ArchiveStatus()

    private let writer: EventWriter
    private let rejections: RejectedEvents
    private let logger: Logger
    private let rejected: Counter

    /// Writes through this writer, and keeps aside with `rejections` what cannot be written.
    public init(writer: EventWriter, rejections: RejectedEvents, logger: Logger) {
        self.writer = writer
        self.rejections = rejections
        self.logger = logger
        rejected = Counter(label: "events_rejected_total", dimensions: [("cluster", writer.cluster)])
    }

    /// Returns when the batch is committed or kept aside.
    ///
    /// - Throws: `CancellationError` only.
    public func deliver(_ batch: WatchBatch) async throws {
        var events: [Event] = []
        events.reserveCapacity(batch.objects.count)
        var refused: [(body: JSONValue, reason: String)] = []
        for object in batch.objects {
            switch EventDocument.read(object, isKnownEvent: true) {
            case .success(let event): events.append(event)
            case .failure(let rejection): refused.append((object, "\(rejection)"))
            }
        }
        if !events.isEmpty {
            let outcome = try await untilWritten { deadline in try await writer.write(events, deadline: deadline) }
            for rejected in outcome.rejected { refused.append((events[rejected.index].body, rejected.reason)) }
        }
        for (body, reason) in refused { try await keepAside(body, reason) }
    }

    private func keepAside(_ body: JSONValue, _ reason: String) async throws {
        rejected.increment()
        let name = body["metadata"]?["name"]?.string ?? "?"
        logger.warning(
            "An event cannot be archived and is kept aside",
            metadata: ["name": "\(name)", "reason": "\(reason)"]
        )
        try await untilWritten { deadline in
            try await rejections.keep(body.jsonBytes, reason: reason, deadline: deadline)
        }
    }

    /// Tries again, at ever longer intervals, until it succeeds or the task is cancelled.
    private func untilWritten<Value>(_ body: (ContinuousClock.Instant) async throws -> Value) async throws -> Value {
        var backoff = Backoff()
        while true {
            do {
                let value = try await body(.now + Self.patience)
                status.succeeded()
                return value
            } catch let error where !(error is CancellationError) {
                try Task.checkCancellation()
                if status.failed("\(error)") {
                    logger.error(
                        "The archive cannot be written to; trying until it can",
                        metadata: ["error": "\(error)"]
                    )
                }
                try await Task.sleep(for: backoff.next())
            }
        }
    }

    /// For one attempt. A commit on a server that has lost its only synchronous standby hangs past statement_timeout,
    /// so the writer needs a deadline of its own.
    private static let patience = Duration.seconds(10)
}

/// Waits that grow from 0.2 s to 10 s, each drawn from the upper half of what it may be, so that many collectors do not
/// come back at once.
struct Backoff {
    private var longest = Duration.milliseconds(200)

    mutating func next() -> Duration {
        let wait = longest * Double.random(in: 0.5...1)
        longest = min(longest * 2, .seconds(10))
        return wait
    }
}

/// Whether the last attempt to write succeeded.
public final class ArchiveStatus: Sendable {
    private let problem = Mutex<(text: String, since: ContinuousClock.Instant)?>(nil)

    /// What is wrong, once it has been wrong for so long; nil if nothing is.
    public func problem(lastingFor patience: Duration) -> String? {
        problem.withLock { problem in
            guard let problem, ContinuousClock.now - problem.since >= patience else { return nil }
            return problem.text
        }
    }

    func succeeded() {
        problem.withLock { $0 = nil }
    }

    /// - Returns: whether this is news.
    func failed(_ text: String) -> Bool {
        problem.withLock { problem in
            let isNews = problem?.text != text
            problem = (text, problem?.since ?? .now)
            return isNews
        }
    }
}
