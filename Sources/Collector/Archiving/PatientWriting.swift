import Logging
import Synchronization

/// Writing that waits for a database that is away.
struct PatientWriting {
    let status: ArchiveStatus
    let logger: Logger

    /// Tries again, at ever longer intervals, until it succeeds, the task is cancelled, or `patience` is over.
    ///
    /// - Parameter patience: nil for as long as it takes.
    /// - Throws: the last error when the patience is over; `CancellationError`.
    func write<Value>(
        for patience: Duration? = nil,
        _ body: (ContinuousClock.Instant) async throws -> Value
    ) async throws -> Value {
        let end = patience.map { ContinuousClock.now + $0 }
        var backoff = Backoff()
        while true {
            let now = ContinuousClock.now
            do {
                let attemptEnd = now + Self.attempt
                let value = try await body(end.map { min($0, attemptEnd) } ?? attemptEnd)
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
                let wait = backoff.next()
                if let end, ContinuousClock.now + wait >= end { throw error }
                try await Task.sleep(for: wait)
            }
        }
    }

    /// For one attempt. A commit on a server that has lost its only synchronous standby hangs past statement_timeout,
    /// so the writer needs a deadline of its own.
    static let attempt = Duration.seconds(10)
}

/// Waits that grow from 0.1 s to 2 s, each drawn from the upper half of what it may be, so that many collectors do not
/// come back at once. Not longer: a promoted standby is to be written to within 5 s.
struct Backoff {
    private var longest = Duration.milliseconds(100)

    mutating func next() -> Duration {
        let wait = longest * Double.random(in: 0.5...1)
        longest = min(longest * 2, .seconds(2))
        return wait
    }
}

/// Whether the last attempt to do something succeeded.
public final class ArchiveStatus: Sendable {
    private let problem = Mutex<(text: String, since: ContinuousClock.Instant)?>(nil)

    /// Nothing is wrong yet.
    public init() {}

    /// What is wrong, once it has been wrong for so long; nil if nothing is.
    public func problem(lastingFor patience: Duration) -> String? {
        problem.withLock { problem in
            guard let problem, ContinuousClock.now - problem.since >= patience else { return nil }
            return problem.text
        }
    }

    /// Nothing is wrong any more.
    public func succeeded() {
        problem.withLock { $0 = nil }
    }

    /// Something is wrong; since when it has been is kept.
    ///
    /// - Returns: whether this is news.
    public func failed(_ text: String) -> Bool {
        problem.withLock { problem in
            let isNews = problem?.text != text
            problem = (text, problem?.since ?? .now)
            return isNews
        }
    }
}
