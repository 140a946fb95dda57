import Logging
import Synchronization

/// Writing that waits for a database that is away, however long.
struct PatientWriting {
    let status: ArchiveStatus
    let logger: Logger

    /// Tries again, at ever longer intervals, until it succeeds or the task is cancelled.
    func write<Value>(_ body: (ContinuousClock.Instant) async throws -> Value) async throws -> Value {
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
