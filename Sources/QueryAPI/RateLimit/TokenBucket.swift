/// A token bucket that holds one instant instead of a number of tokens: when it will be full again.
///
/// Each call moves that instant on by the time in which one call is earned; a call is denied when it would come to lie
/// further ahead than an empty bucket takes to fill. (The "virtual scheduling" form of ITU-T I.371's generic cell rate
/// algorithm.) All in whole attoseconds, so nothing is lost to rounding.
///
/// Time is an argument. A clock that goes back counts as one that stands still, until it is past its highest reading
/// again: it neither refills the bucket nor takes from it.
public struct TokenBucket: Sendable, Equatable {
    /// When the bucket is full again; in the past when it is full.
    private(set) var fullAt: ContinuousClock.Instant
    private var latest: ContinuousClock.Instant

    /// A full bucket.
    public init(now: ContinuousClock.Instant) {
        fullAt = now
        latest = now
    }

    /// Takes one token if there is one. A denied call costs nothing.
    public mutating func take(_ policy: RatePolicy, now: ContinuousClock.Instant) -> RateDecision {
        guard !policy.isUnlimited else { return .unlimited(policy) }
        latest = max(latest, now)
        let fullAfter = max(fullAt, latest).advanced(by: policy.interval)
        let tooFar = latest.duration(to: fullAfter) - policy.timeToFill
        guard tooFar <= .zero else {
            return RateDecision(policy: policy, isAllowed: false, remaining: 0, untilNextToken: tooFar)
        }
        fullAt = fullAfter
        // -tooFar is what may still be spent.
        let remaining = Int(-tooFar.attoseconds / policy.interval.attoseconds)
        let untilNextToken = tooFar + policy.interval * (remaining + 1)
        return RateDecision(policy: policy, isAllowed: true, remaining: remaining, untilNextToken: untilNextToken)
    }

    /// True when nothing would be lost by forgetting this bucket: a new one would be the same.
    public func isFull(now: ContinuousClock.Instant) -> Bool {
        fullAt <= max(latest, now)
    }
}
