/// Whether a call may go on, and what its answer should tell the client.
public struct RateDecision: Sendable, Hashable {
    /// The policy that decided.
    public let policy: RatePolicy
    /// False: answer 429 with `Retry-After`.
    public let isAllowed: Bool
    /// Calls that could follow at once.
    public let remaining: Int
    /// Whole seconds, rounded up and at least 1, until one more call is earned; what `Retry-After` says on denial.
    public let retryAfter: Int

    init(policy: RatePolicy, isAllowed: Bool, remaining: Int, untilNextToken: Duration) {
        self.policy = policy
        self.isAllowed = isAllowed
        self.remaining = remaining
        retryAfter = max(1, untilNextToken.wholeSecondsRoundedUp)
    }

    static func unlimited(_ policy: RatePolicy) -> RateDecision {
        RateDecision(policy: policy, isAllowed: true, remaining: policy.burst, untilNextToken: .zero)
    }

    /// The value of the `RateLimit` field, e.g. `"default";r=0;t=1`: `r` calls left, one more in `t` seconds; nil when
    /// there is no limit to tell of. Source: draft-ietf-httpapi-ratelimit-headers.
    public var rateLimitField: String? {
        policy.isUnlimited ? nil : "\"\(policy.name)\";r=\(remaining);t=\(retryAfter)"
    }

    /// The value of the `RateLimit-Policy` field, e.g. `"default";q=1;w=1`; nil when there is no limit.
    public var policyField: String? {
        policy.isUnlimited ? nil : policy.policyField
    }
}
