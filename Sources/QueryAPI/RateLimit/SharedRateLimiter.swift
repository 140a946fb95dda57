internal import Synchronization

/// A ``RateLimiter`` for many threads, with the machine's clock.
///
/// The lock is held for one look-up; when room for a new client is needed, for as long as it takes to set the order
/// right (10 000 buckets: about a millisecond, at most once for each use of a bucket).
public final class SharedRateLimiter: Sendable {
    private let limiter: Mutex<RateLimiter>
    /// The rate for every client.
    public let policy: RatePolicy

    /// A limiter that has seen nobody yet; `bound` is how many clients have a bucket of their own at most.
    public init(policy: RatePolicy, bound: Int = RateLimiter.defaultBound) {
        self.policy = policy
        limiter = Mutex(RateLimiter(policy: policy, bound: bound))
    }

    /// Counts a call of the client with this `User-Agent` (nil when it sent none), now.
    public func check(agent: String?) -> RateDecision {
        check(agent: agent, now: .now)
    }

    /// Counts a call at a given time, for tests.
    public func check(agent: String?, now: ContinuousClock.Instant) -> RateDecision {
        guard !policy.isUnlimited else { return .unlimited(policy) }
        return limiter.withLock { $0.check(agent: agent, now: now) }
    }

    /// Clients that have a bucket of their own now.
    public var count: Int { limiter.withLock { $0.count } }
}
