import Synchronization

/// Whether the archive may be written to: its schema is there, and its cluster is ours. Once open, it stays open.
public final class ArchiveGate: Sendable {
    private struct State {
        var isOpen = false
        var nextWaiter = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    /// A closed gate.
    public init() {}

    /// Whether it is open.
    public var isOpen: Bool { state.withLock { $0.isOpen } }

    /// Opens it for all who wait and all who come.
    public func open() {
        let waiters = state.withLock { state in
            defer { state.waiters = [:] }
            state.isOpen = true
            return state.waiters
        }
        for waiter in waiters.values { waiter.resume() }
    }

    /// Returns when it is open.
    ///
    /// - Throws: `CancellationError`.
    public func wait() async throws(CancellationError) {
        let number = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mayGo = state.withLock { state in
                    // A cancellation from here on finds the waiter.
                    if state.isOpen || Task.isCancelled { return true }
                    state.waiters[number] = continuation
                    return false
                }
                if mayGo { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
        }
        if !isOpen { throw CancellationError() }
    }
}
