internal import Synchronization

/// Asks one health check, never waiting longer than its time, and never running it twice at once: a check that hangs
/// costs one task, however often it is probed.
final class BoundedHealthCheck: Sendable {
    let name: String
    private let timeout: Duration
    private let check: @Sendable () async -> String?
    private let state = Mutex(State())

    private struct State {
        var running: Task<Void, Never>?
        var nextWaiter = 0
        var waiters: [Int: CheckedContinuation<Outcome, Never>] = [:]
    }

    private enum Outcome: Sendable {
        case answered(String?)
        case silent
    }

    init(_ check: HealthCheck, timeout: Duration = .seconds(2)) {
        name = check.name
        self.timeout = timeout
        self.check = check.check
    }

    /// Nil when the part is well, otherwise why not.
    func reason() async -> String? {
        let outcome = await withTaskGroup(of: Outcome.self) { group in
            group.addTask { await self.outcome() }
            group.addTask { [timeout] in
                try? await Task.sleep(for: timeout)
                return .silent
            }
            let first = await group.next() ?? .silent
            group.cancelAll()
            return first
        }
        switch outcome {
        case .answered(let reason): return reason
        case .silent:
            state.withLock { $0.running?.cancel() }
            return "no answer within \(timeout)"
        }
    }

    /// Waits for the run that is under way, or starts one; `.silent` when cancelled.
    private func outcome() async -> Outcome {
        let waiter = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                state.withLock { state in
                    state.waiters[waiter] = continuation
                    guard state.running == nil else { return }
                    // Not a child of this probe: a check that does not heed its cancellation would keep the probe
                    // waiting. It is owned here, one at a time, and cancelled when its time is over.
                    state.running = Task { self.finish(await self.check()) }
                }
                if Task.isCancelled { giveUp(waiter) }
            }
        } onCancel: {
            giveUp(waiter)
        }
    }

    private func finish(_ reason: String?) {
        let waiters = state.withLock { state in
            state.running = nil
            defer { state.waiters = [:] }
            return state.waiters
        }
        for waiter in waiters.values { waiter.resume(returning: .answered(reason)) }
    }

    private func giveUp(_ waiter: Int) {
        state.withLock { $0.waiters.removeValue(forKey: waiter) }?.resume(returning: .silent)
    }
}
