import Synchronization

/// A value that a test can wait on instead of sleeping.
public final class Observed<Value: Sendable>: Sendable {
    private struct Waiter {
        let isWanted: @Sendable (Value) -> Bool
        let continuation: CheckedContinuation<Value, any Error>
    }

    private struct State {
        var value: Value
        var waiters: [Int: Waiter] = [:]
        var lastWaiter = 0
    }

    private let state: Mutex<State>

    /// Begins with a value.
    public init(_ value: Value) {
        state = Mutex(State(value: value))
    }

    /// The value now.
    public var value: Value { state.withLock { $0.value } }

    /// What can be said of the value now, without a copy of it.
    public func read<Result>(_ look: (Value) -> Result) -> Result { state.withLock { look($0.value) } }

    /// Changes the value and wakes those for whom it now is as wanted.
    @discardableResult
    public func change<Result>(_ change: (inout Value) -> Result) -> Result {
        let (result, satisfied) = state.withLock { state in
            let result = change(&state.value)
            // A copy is made only for somebody who waits: it would make the next change of a large value slow.
            guard !state.waiters.isEmpty else { return (result, nil as (Value, [Waiter])?) }
            let satisfied = state.waiters.filter { $0.value.isWanted(state.value) }
            for id in satisfied.keys { state.waiters[id] = nil }
            return (result, satisfied.isEmpty ? nil : (state.value, Array(satisfied.values)))
        }
        if let (value, waiters) = satisfied {
            for waiter in waiters { waiter.continuation.resume(returning: value) }
        }
        return result
    }

    /// Waits until the value is as wanted, and returns it. Throws `CancellationError`.
    @discardableResult
    public func wait(until isWanted: @escaping @Sendable (Value) -> Bool) async throws -> Value {
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let answer: Result<Value, any Error>? = state.withLock { state in
                    if isWanted(state.value) { return .success(state.value) }
                    if Task.isCancelled { return .failure(CancellationError()) }
                    state.waiters[id] = Waiter(isWanted: isWanted, continuation: continuation)
                    return nil
                }
                if let answer { continuation.resume(with: answer) }
            }
        } onCancel: {
            let waiter = state.withLock { $0.waiters.removeValue(forKey: id) }
            waiter?.continuation.resume(throwing: CancellationError())
        }
    }
}
