internal import Synchronization

/// Work that many ask for at the same time, and that is done once.
///
/// The first who asks does it, the others wait for what comes of it. When the first is cancelled, one of those who wait
/// does it instead. At the bound of different works under way, one more fails at once: nobody queues here, so that a
/// flood of made-up tokens is answered, and not kept.
final class SingleFlight<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private typealias Outcome = Result<Value, AccessError>

    private struct State {
        /// Of each work under way, those who wait for it. Nil is told when its doer was cancelled.
        var flights: [Key: [Int: CheckedContinuation<Outcome?, Never>]] = [:]
        var lastWaiter = 0
    }

    private enum Turn {
        case leads
        case follows
        case isRefused
    }

    /// Works at once.
    let bound: Int
    private let state = Mutex(State())

    init(bound: Int) {
        self.bound = bound
    }

    /// Works under way.
    var count: Int { state.withLock { $0.flights.count } }

    /// Does the work, or waits for whoever does it.
    ///
    /// - Parameter reserve: works beyond the bound for whom it matters more.
    func run(
        _ key: Key,
        reserve: Int = 0,
        _ work: () async throws(AccessError) -> Value
    ) async throws(AccessError) -> Value {
        while true {
            switch turn(key, reserve) {
            case .leads: return try await lead(key, work)
            case .follows:
                if let outcome = await outcome(of: key) { return try outcome.get() }
                guard !Task.isCancelled else { throw .cancelled }
            case .isRefused: throw .busy
            }
        }
    }

    private func turn(_ key: Key, _ reserve: Int) -> Turn {
        state.withLock { state in
            if state.flights[key] != nil { return .follows }
            guard state.flights.count < bound + reserve else { return .isRefused }
            state.flights[key] = [:]
            return .leads
        }
    }

    private func lead(_ key: Key, _ work: () async throws(AccessError) -> Value) async throws(AccessError) -> Value {
        let outcome: Outcome
        do throws(AccessError) {
            outcome = .success(try await work())
        } catch {
            outcome = .failure(error)
        }
        let followers = state.withLock { $0.flights.removeValue(forKey: key) } ?? [:]
        // What failed because its doer left has not failed for the others.
        let isAbandoned = if case .failure = outcome { Task.isCancelled } else { false }
        for follower in followers.values { follower.resume(returning: isAbandoned ? nil : outcome) }
        return try outcome.get()
    }

    /// Waits for a work if it is under way.
    func finish(_ key: Key) async { _ = await outcome(of: key) }

    /// Nil when there is nothing to wait for any more: ask again.
    private func outcome(of key: Key) async -> Outcome? {
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isWaiting = state.withLock { state in
                    guard state.flights[key] != nil, !Task.isCancelled else { return false }
                    state.flights[key]?[id] = continuation
                    return true
                }
                if !isWaiting { continuation.resume(returning: nil) }
            }
        } onCancel: {
            state.withLock { $0.flights[key]?.removeValue(forKey: id) }?.resume(returning: nil)
        }
    }
}

extension AccessError {
    /// The one who asked has left.
    static let cancelled = AccessError.unavailable(detail: "The request was given up.")
    /// Too many different tokens at once.
    static let busy = AccessError.unavailable(detail: "Too many tokens are being checked. Try again.")
}
