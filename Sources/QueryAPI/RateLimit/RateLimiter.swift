internal import HeapModule

/// A token bucket for each client, bounded in number.
///
/// Only full buckets are ever forgotten: forgetting one that is not full would give its client a fresh one. When the
/// bound is reached and no bucket is full, every new client shares one bucket, until some bucket is full again. So
/// made-up agents neither fill memory nor reset anyone's bucket. (A client that moves from the shared bucket to one of its
/// own starts with a full one.) Clients that send no key share one bucket too. With several policies there is one of
/// each of these two for every policy.
///
/// A call by a known client costs one look-up. When room is needed, the bucket to be full first is looked for in a heap
/// whose order is set right only then: each use since costs at most one step of that, whatever the order of uses.
public struct RateLimiter: Sendable {
    /// The default for the number of buckets: about 4 MB when every key has 256 bytes.
    public static let defaultBound = 10_000

    /// The rate for every client, and others by User-Agent.
    public let rules: RateRules
    /// How many clients have a bucket of their own at most, at least 1.
    public let bound: Int

    private var buckets: [Key: TokenBucket] = [:]
    /// Holds each key of `buckets` once, with an instant not later than its bucket's true one.
    private var order = Heap<Turn>()
    private var overflow: [TokenBucket?]
    private var anonymous: [TokenBucket?]
    private var latest: ContinuousClock.Instant?

    /// A limiter that has seen nobody yet.
    public init(rules: RateRules, bound: Int = RateLimiter.defaultBound) {
        self.rules = rules
        self.bound = max(1, bound)
        overflow = Array(repeating: nil, count: rules.rules.count + 1)
        anonymous = overflow
    }

    /// A limiter with one rate for everybody.
    public init(policy: RatePolicy, bound: Int = RateLimiter.defaultBound) {
        self.init(rules: RateRules(policy), bound: bound)
    }

    /// Clients that have a bucket of their own now; never above `bound`.
    public var count: Int { buckets.count }

    /// Counts a call of a client that its `User-Agent` tells from others (nil or empty when it sent none).
    public mutating func check(agent: String?, now: ContinuousClock.Instant) -> RateDecision {
        check(client: agent, agent: agent, now: now)
    }

    /// Counts a call of a client.
    /// - Parameters:
    ///   - client: what tells it from others: its `User-Agent`, address or name; nil or empty when there is nothing.
    ///   - agent: its `User-Agent`, which chooses the policy. A client has a bucket for each policy that it comes under.
    ///   - now: when; a reading before an earlier one counts as the earlier one.
    public mutating func check(client: String?, agent: String?, now: ContinuousClock.Instant) -> RateDecision {
        let number = rules.number(agent: agent)
        let policy = rules.policy(number)
        guard !policy.isUnlimited else { return .unlimited(policy) }
        let now = max(now, latest ?? now)
        latest = now
        guard let client, !client.isEmpty else {
            return Self.take(from: &anonymous[number], policy, now: now)
        }
        let key = Key(policy: number, client: ClientKey(client))
        if let decision = buckets[key]?.take(policy, now: now) { return decision }
        guard buckets.count < bound || evictFullBucket(now: now) else {
            return Self.take(from: &overflow[number], policy, now: now)
        }
        var bucket = TokenBucket(now: now)
        let decision = bucket.take(policy, now: now)
        buckets[key] = bucket
        order.insert(Turn(fullAt: bucket.fullAt, key: key))
        return decision
    }

    private static func take(
        from bucket: inout TokenBucket?,
        _ policy: RatePolicy,
        now: ContinuousClock.Instant
    ) -> RateDecision {
        var taken = bucket ?? TokenBucket(now: now)
        defer { bucket = taken }
        return taken.take(policy, now: now)
    }

    /// Forgets the bucket that was full first.
    /// - Returns: false when none is full.
    private mutating func evictFullBucket(now: ContinuousClock.Instant) -> Bool {
        while let first = order.min, first.fullAt <= now {
            guard let bucket = buckets[first.key], bucket.fullAt > first.fullAt else {
                order.removeMin()
                buckets[first.key] = nil
                return true
            }
            // Used since: back in line, at its true place.
            order.replaceMin(with: Turn(fullAt: bucket.fullAt, key: first.key))
        }
        return false
    }

    private struct Key: Hashable {
        let policy: Int
        let client: ClientKey
    }

    private struct Turn: Comparable, Sendable {
        let fullAt: ContinuousClock.Instant
        let key: Key

        static func < (one: Turn, other: Turn) -> Bool { one.fullAt < other.fullAt }
        static func == (one: Turn, other: Turn) -> Bool { one.fullAt == other.fullAt }
    }
}
