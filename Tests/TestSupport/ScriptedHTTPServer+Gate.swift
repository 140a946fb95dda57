import Synchronization

extension ScriptedHTTPServer {
    /// Closed until somebody opens it, and open for ever after.
    public final class Gate: Sendable {
        private struct State {
            var isOpen = false
            var lastWaiter = 0
            var waiters: [Int: CheckedContinuation<Void, any Error>] = [:]
        }

        private let state = Mutex(State())

        /// A closed gate.
        public init() {}

        /// Lets everybody pass.
        public func open() {
            let waiters = state.withLock { state in
                state.isOpen = true
                defer { state.waiters = [:] }
                return state.waiters.values
            }
            for waiter in waiters { waiter.resume() }
        }

        /// Waits until it is open. Throws CancellationError.
        public func wait() async throws {
            let id = state.withLock { state in
                state.lastWaiter += 1
                return state.lastWaiter
            }
            try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    let passes = state.withLock { state in
                        guard !state.isOpen, !Task.isCancelled else { return true }
                        state.waiters[id] = continuation
                        return false
                    }
                    if passes { continuation.resume() }
                }
                try Task.checkCancellation()
            } onCancel: {
                state.withLock { $0.waiters.removeValue(forKey: id) }?.resume(throwing: CancellationError())
            }
        }
    }
}
