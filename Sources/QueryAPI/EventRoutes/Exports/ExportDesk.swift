internal import HTTPTypes
internal import Hummingbird
internal import Synchronization

/// Admits exports, and lets them ask the archive in turns.
final class ExportDesk: Sendable {
    private struct State {
        var underWay = 0
        var turns: FetchTurns
        var waiters: [Int: CheckedContinuation<Bool, Never>] = [:]
        var lastID = 0
    }

    /// A client that is refused may try again after so many seconds: exports take from seconds to hours.
    static let retryAfter = 10

    private let places: Int
    private let changed: @Sendable (Int) -> Void
    private let state: Mutex<State>

    /// - Parameters:
    ///   - places: exports at once; one more is refused.
    ///   - fetches: those of them that may ask the archive at once.
    ///   - changed: told how many are under way, whenever that changes.
    init(places: Int, fetches: Int, changed: @escaping @Sendable (Int) -> Void = { _ in }) {
        (self.places, self.changed) = (places, changed)
        state = Mutex(State(turns: FetchTurns(bound: fetches)))
    }

    /// How many are under way.
    var underWay: Int { state.withLock { $0.underWay } }

    /// - Throws: a 503 when there are as many as there may be.
    func admit() throws(Problem) -> ExportPlace {
        let number: Int? = state.withLock { state in
            guard state.underWay < places else { return nil }
            state.underWay += 1
            return state.underWay
        }
        guard let number else {
            throw Problem(
                status: .serviceUnavailable,
                detail: "As many exports are under way as may be at once, \(places). Try again, or ask for pages.",
                retryAfter: Self.retryAfter
            )
        }
        changed(number)
        return ExportPlace(self)
    }

    fileprivate func giveBack() {
        changed(
            state.withLock { state in
                state.underWay -= 1
                return state.underWay
            }
        )
    }

    /// Runs `body` when it is the caller's turn.
    /// - Throws: `CancellationError`, and what `body` throws.
    func inTurn<Value>(_ body: () async throws -> Value) async throws -> Value {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        guard await turn(id) else { throw CancellationError() }
        defer { finish() }
        return try await body()
    }

    private func turn(_ id: Int) async -> Bool {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isNow: Bool? = state.withLock { state in
                    // A cancellation from here on finds the waiter in the queue.
                    if Task.isCancelled { return false }
                    switch state.turns.ask(id) {
                    case .go: return true
                    case .wait:
                        state.waiters[id] = continuation
                        return nil
                    }
                }
                if let isNow { continuation.resume(returning: isNow) }
            }
        } onCancel: {
            let waiter = state.withLock { $0.turns.leave(id) ? $0.waiters.removeValue(forKey: id) : nil }
            waiter?.resume(returning: false)
        }
    }

    private func finish() {
        let waiter = state.withLock { state in
            state.turns.finish().flatMap { state.waiters.removeValue(forKey: $0) }
        }
        waiter?.resume(returning: true)
    }
}

/// A place at the desk. It is given back when the last who holds it lets go: also when a client left before the first
/// byte of its answer, so that nobody ever ran what was to write it.
final class ExportPlace: Sendable {
    private let desk: ExportDesk

    fileprivate init(_ desk: ExportDesk) {
        self.desk = desk
    }

    deinit {
        desk.giveBack()
    }
}
