internal import Synchronization

/// Answers of API servers, kept for a while; each question is put once at a time.
///
/// Bounded by number: the youngest half and the half before it are kept, so that whatever is asked for at least once in
/// that many other questions stays, and a flood of made-up tokens costs a fixed amount of memory.
final class ReviewCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry {
        let value: Value
        let end: ContinuousClock.Instant
    }

    private struct Generations {
        var young: [Key: Entry] = [:]
        var old: [Key: Entry] = [:]

        subscript(key: Key) -> Entry? { young[key] ?? old[key] }
    }

    private let lifetime: Duration
    private let half: Int
    private let flights: SingleFlight<Key, Value>
    private let isWorthy: @Sendable (Value) -> Bool
    private let entries = Mutex(Generations())

    /// - Parameters:
    ///   - lifetime: how long an answer counts.
    ///   - bound: answers that are kept at most.
    ///   - flights: questions at once.
    ///   - isWorthy: whether somebody with that answer may go on asking when others are told to come back later.
    init(
        lifetime: Duration,
        bound: Int,
        flights: Int,
        isWorthy: @escaping @Sendable (Value) -> Bool = { _ in false }
    ) {
        self.lifetime = lifetime
        half = max(1, bound / 2)
        self.flights = SingleFlight(bound: flights)
        self.isWorthy = isWorthy
    }

    /// What is known, or what `ask` finds out. Failures are told, and not kept.
    func value(
        for key: Key,
        now: @Sendable () -> ContinuousClock.Instant = { .now },
        ask: () async throws(AccessError) -> Value
    ) async throws(AccessError) -> Value {
        let known = entries.withLock { $0[key] }
        if let known, now() < known.end { return known.value }
        let isKnownToBeWorthy = known.map { isWorthy($0.value) } ?? false
        return try await flights.run(key, reserve: isKnownToBeWorthy ? flights.bound : 0) {
            () async throws(AccessError) in
            // Whoever asked before may have come back since.
            if let kept = entries.withLock({ $0[key] }), now() < kept.end { return kept.value }
            let value = try await ask()
            keep(value, for: key, now: now())
            return value
        }
    }

    private func keep(_ value: Value, for key: Key, now: ContinuousClock.Instant) {
        entries.withLock { entries in
            if entries.young.count >= half, entries.young[key] == nil {
                entries.old = entries.young
                entries.young = [:]
            }
            entries.young[key] = Entry(value: value, end: now.advanced(by: lifetime))
        }
    }

    /// Answers that are kept, those that no longer count included.
    var count: Int { entries.withLock { $0.young.count + $0.old.count } }
}
