import Dispatch
import Synchronization

/// Hands batches from the thread that reads to the task that takes them: one lies ready at most, and the thread waits
/// until it is taken.
final class BatchHandover: Sendable {
    private struct State {
        var batch: [ReplayItem]?
        /// The thread has ended, with `failure` or well.
        var isOver = false
        var failure: ReplayError?
        /// Nobody takes anything any more.
        var isCancelled = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())
    private let isEmpty = DispatchSemaphore(value: 0)
    private let wake: WakePipe

    init(wake: WakePipe) {
        self.wake = wake
        // Not by its first value: it may not go away with less than that.
        isEmpty.signal()
    }

    /// Whether nobody takes anything any more.
    var isCancelled: Bool { state.withLock { $0.isCancelled } }

    /// Blocks the thread until the batch before is taken. Says whether somebody will take this one.
    func put(_ batch: [ReplayItem]) -> Bool {
        isEmpty.wait()
        return change { state in
            guard !state.isCancelled else { return false }
            state.batch = batch
            return true
        }
    }

    /// The thread's last word.
    func end(_ failure: ReplayError?) {
        change { state in
            state.isOver = true
            state.failure = failure
        }
    }

    /// Makes the thread end soon, and whoever waits in `next` too.
    func cancel() {
        change { $0.isCancelled = true }
        isEmpty.signal()
        wake.signal()
    }

    /// The next batch; nil at the end.
    ///
    /// - Throws: `ReplayError` behind the last batch, or `CancellationError`.
    func next(isolation: isolated (any Actor)? = #isolation) async throws -> [ReplayItem]? {
        await wait { $0.batch != nil || $0.isOver || $0.isCancelled }
        let (batch, failure) = try state.withLock { state in
            if state.isCancelled { throw CancellationError() }
            defer { state.batch = nil }
            return (state.batch, state.failure)
        }
        if let batch {
            isEmpty.signal()
            return batch
        }
        if let failure { throw failure }
        return nil
    }

    /// Waits until the thread has let go of the file.
    func waitForEnd(isolation: isolated (any Actor)? = #isolation) async {
        await wait { $0.isOver }
    }

    private func wait(
        isolation: isolated (any Actor)? = #isolation,
        for condition: (borrowing State) -> Bool
    ) async {
        while !state.withLock({ condition($0) }) {
            await withCheckedContinuation { continuation in
                let isThere = state.withLock { state in
                    if condition(state) { return true }
                    state.waiter = continuation
                    return false
                }
                if isThere { continuation.resume() }
            }
        }
    }

    @discardableResult
    private func change<Result>(_ change: (inout State) -> Result) -> Result {
        let (result, waiter) = state.withLock { state in
            let result = change(&state)
            let waiter = state.waiter
            state.waiter = nil
            return (result, waiter)
        }
        waiter?.resume()
        return result
    }
}
