internal import Synchronization

/// Wakes the one that waits on it; a ring with nobody waiting counts for the next wait.
final class WakeUpBell: Sendable {
    private enum State {
        /// → rung, waiting
        case silent
        /// → silent
        case rung
        /// → silent
        case waiting(CheckedContinuation<Void, Never>)
    }

    private let state = Mutex(State.silent)

    func ring() {
        let waiting: CheckedContinuation<Void, Never>? = state.withLock { state in
            switch state {
            case .silent, .rung:
                state = .rung
                return nil
            case .waiting(let continuation):
                state = .silent
                return continuation
            }
        }
        waiting?.resume()
    }

    /// Waits for a ring, or for the cancellation of the task. One at a time.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDone = state.withLock { state in
                    switch state {
                    case .rung:
                        state = .silent
                        return true
                    case .silent where Task.isCancelled:
                        return true
                    case .silent:
                        state = .waiting(continuation)
                        return false
                    case .waiting:
                        preconditionFailure("two wait on one bell")
                    }
                }
                if isDone { continuation.resume() }
            }
        } onCancel: {
            let waiting: CheckedContinuation<Void, Never>? = state.withLock { state in
                guard case .waiting(let continuation) = state else { return nil }
                state = .silent
                return continuation
            }
            waiting?.resume()
        }
    }

    /// Waits for a ring, but not beyond a moment.
    func wait(until end: ContinuousClock.Instant) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.wait() }
            group.addTask { try? await Task.sleep(until: end, clock: .continuous) }
            await group.next()
            group.cancelAll()
        }
    }
}
