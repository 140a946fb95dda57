import Dispatch
import Logging
import Synchronization

/// One attempt to open a session on a thread of its own, and somebody who waits for it but can leave early.
///
/// libpq resolves names with a call that blocks and cannot be interrupted. So at the deadline, or when the task is
/// cancelled, the caller goes, and the thread cleans up behind itself when the call returns.
final class ConnectAttempt: Sendable {
    typealias Outcome = Result<Session, PostgresError>

    private enum State {
        /// → waiting, left
        case new
        /// → left, over
        case waiting(CheckedContinuation<Outcome, Never>)
        /// Nobody waits any more. The end.
        case left
        /// The end.
        case over
    }

    /// So many threads may be stuck in name resolution at once; further attempts are refused until one comes back.
    private static let strayLimit = 64
    private static let strays = Atomic(0)

    let thread: ConnectionThread
    let wait: SocketWait
    private let configuration: PostgresConfiguration
    private let logger: Logger
    private let flag = CancellationFlag()
    private let state = Mutex(State.new)

    init(
        _ configuration: PostgresConfiguration,
        logger: Logger = Logger(label: "kee.postgres")
    ) throws(PostgresError) {
        func refused(_ reason: String) -> PostgresError {
            PostgresError(.connecting, reason, attempted: "connecting to \(configuration)", isSafeToRetry: true)
        }
        guard Self.strays.load(ordering: .relaxed) < Self.strayLimit else {
            throw refused("\(Self.strayLimit) earlier attempts still hang in name resolution; is DNS reachable?")
        }
        guard let wait = SocketWait() else { throw refused("no file descriptor is left; raise the limit (ulimit -n)") }
        guard let thread = ConnectionThread.start() else { throw refused("the system refuses another thread") }
        self.configuration = configuration
        self.logger = logger
        self.wait = wait
        self.thread = thread
    }

    /// Waits for the session, until the deadline or the cancellation of the task.
    func session(deadline: ContinuousClock.Instant) async -> Outcome {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isWanted = state.withLock { state in
                    guard case .new = state else { return false }
                    state = .waiting(continuation)
                    return true
                }
                guard isWanted else {
                    thread.stop()
                    return continuation.resume(returning: .failure(left(.cancelled)))
                }
                thread.perform { self.run(deadline: deadline) }
                // The thread keeps the deadline itself wherever it can, and knows more to say: so it goes first.
                let late = DispatchTime.now() + .milliseconds(100) + .init(until: deadline)
                DispatchQueue.global().asyncAfter(deadline: late) { [weak self] in self?.leave(.deadline) }
            }
        } onCancel: {
            leave(.cancelled)
        }
    }

    /// The thread's part.
    private func run(deadline: ContinuousClock.Instant) {
        let limits = OperationLimits(deadline: deadline, cancellation: .flag(flag))
        let outcome: Outcome
        do throws(PostgresError) {
            outcome = .success(try Session.open(configuration, wait: wait, logger: logger, limits))
        } catch {
            outcome = .failure(error)
        }
        let waiting: CheckedContinuation<Outcome, Never>? = state.withLock { state in
            defer { state = .over }
            guard case .waiting(let continuation) = state else { return nil }
            return continuation
        }
        if case .failure = outcome { thread.stop() }
        if let waiting { return waiting.resume(returning: outcome) }
        Self.strays.subtract(1, ordering: .relaxed)
        if case .success(let session) = outcome { session.close() }
        thread.stop()
    }

    private func leave(_ reason: Interruption) {
        let waiting: CheckedContinuation<Outcome, Never>? = state.withLock { state in
            switch state {
            case .new:
                state = .left
                return nil
            case .waiting(let continuation):
                state = .left
                Self.strays.add(1, ordering: .relaxed)
                return continuation
            case .left, .over: return nil
            }
        }
        flag.raise()
        wait.wake()
        waiting?.resume(returning: .failure(left(reason)))
    }

    private func left(_ reason: Interruption) -> PostgresError {
        PostgresError(
            reason == .deadline ? .deadlineExceeded : .cancelled,
            reason == .deadline ? "the deadline passed" : "the task was cancelled",
            attempted: "connecting to \(configuration)",
            isSafeToRetry: true
        )
    }
}

extension DispatchTimeInterval {
    /// From now; at least 0, at most a day.
    init(until deadline: ContinuousClock.Instant) {
        let left = max(.zero, min(deadline - .now, .seconds(86_400)))
        self = .nanoseconds(
            Int(left.components.seconds) * 1_000_000_000 + Int(left.components.attoseconds / 1_000_000_000)
        )
    }
}
