import Synchronization

/// How long an operation on a connection's thread may wait, and what ends it early.
struct OperationLimits {
    enum Cancellation {
        /// The Swift task that runs the operation.
        case task
        /// Somebody who gave up on connecting.
        case flag(CancellationFlag)
        /// Nobody: a rollback or a cancel request, which are short.
        case none
    }

    let deadline: ContinuousClock.Instant
    let cancellation: Cancellation

    var isCancelled: Bool {
        switch cancellation {
        case .task: Task.isCancelled
        case .flag(let flag): flag.isRaised
        case .none: false
        }
    }

    /// The same, but no later than this.
    func notAfter(_ instant: ContinuousClock.Instant) -> OperationLimits {
        OperationLimits(deadline: min(deadline, instant), cancellation: cancellation)
    }

    /// Throws when it is over already.
    func check() throws(Interruption) {
        if isCancelled { throw .cancelled }
        if deadline <= .now { throw .deadline }
    }
}

/// Why a wait ended before what it waited for.
enum Interruption: Error, Equatable {
    case deadline
    case cancelled
}

/// Raised once, from any thread.
final class CancellationFlag: Sendable {
    private let raised = Atomic(false)
    var isRaised: Bool { raised.load(ordering: .acquiring) }
    func raise() { raised.store(true, ordering: .releasing) }
}
