internal import Synchronization

/// A ``RateLimiter`` for many threads, with the machine's clock.
///
/// The lock is held for one look-up; when room for a new client is needed, for as long as it takes to set the order
/// right (10 000 buckets: about a millisecond, at most once for each use of a bucket).
public final class SharedRateLimiter: Sendable {
    private let limiter: Mutex<RateLimiter>
    /// The rates.
    public let rules: RateRules

    /// A limiter that has seen nobody yet; `bound` is how many clients have a bucket of their own at most.
    public init(rules: RateRules, bound: Int = RateLimiter.defaultBound) {
        self.rules = rules
        limiter = Mutex(RateLimiter(rules: rules, bound: bound))
    }

    /// Counts a call, now.
    /// - Parameters:
    ///   - client: what tells the client from others; nil when there is nothing.
    ///   - agent: its `User-Agent`, which chooses the policy.
    public func check(client: String?, agent: String?) -> RateDecision {
        check(client: client, agent: agent, now: .now)
    }

    /// Counts a call at a given time, for tests.
    public func check(client: String?, agent: String?, now: ContinuousClock.Instant) -> RateDecision {
        limiter.withLock { $0.check(client: client, agent: agent, now: now) }
    }

    /// Clients that have a bucket of their own now.
    public var count: Int { limiter.withLock { $0.count } }
}
