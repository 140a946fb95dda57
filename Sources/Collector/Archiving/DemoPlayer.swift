import EventModel
import EventSchema
public import EventWriter
public import Logging
public import ServiceLifecycle

/// Plays a recording again and again: at once up to now, and from then on as time goes by.
public struct DemoPlayer: Service {
    /// How the archive is doing, for readiness.
    public let status = ArchiveStatus()

    private let recording: DemoRecording
    private let writer: EventWriter
    private let logger: Logger

    /// Plays this recording into the archive.
    public init(recording: DemoRecording, writer: EventWriter, logger: Logger) {
        self.recording = recording
        self.writer = writer
        self.logger = logger
    }

    /// Plays until the graceful shutdown.
    public func run() async throws {
        try await cancelWhenGracefulShutdown {
            do {
                var start = WallClock.now
                try await write(round(endingAt: start))
                while true {
                    start += Self.roundLength
                    try await play(round(endingAt: start))
                }
            } catch is CancellationError {
                return
            } catch {
                if Task.isCancelled { return }
                throw error
            }
        }
    }

    private func round(endingAt end: Int64) throws -> [(due: Int64, event: Event)] {
        try recording.round(endingAt: end, length: Self.roundLength, salt: "\(end)")
    }

    private func play(_ round: [(due: Int64, event: Event)]) async throws {
        var rest = round[...]
        while let next = rest.first {
            let wait = next.due - WallClock.now
            if wait > 0 { try await Task.sleep(for: .microseconds(wait)) }
            let now = WallClock.now
            let due = rest.prefix { $0.due <= now }
            try await write(Array(due))
            rest = rest.dropFirst(due.count)
        }
    }

    private func write(_ events: [(due: Int64, event: Event)]) async throws {
        guard !events.isEmpty else { return }
        try await PatientWriting(status: status, logger: logger).write { deadline in
            _ = try await writer.write(events.map(\.event), deadline: deadline)
        }
    }

    /// Ten minutes, so that the last quarter of an hour always holds something.
    private static let roundLength: Int64 = 600_000_000
}
