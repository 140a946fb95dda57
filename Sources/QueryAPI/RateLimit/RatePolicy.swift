/// How many calls a client may make: `perSecond` in the long run, `burst` at once.
public struct RatePolicy: Sendable, Hashable {
    /// The name that the `RateLimit` and `RateLimit-Policy` fields carry.
    public let name: String
    /// Calls a second, 0 for no limit; otherwise from 0.000001 to 1 000 000.
    public let perSecond: Double
    /// Calls at once, 1 to 1 000 000.
    public let burst: Int
    /// Time in which one call is earned. Whole attoseconds, so that nothing drifts.
    let interval: Duration

    /// Time in which an empty bucket becomes full.
    var timeToFill: Duration { interval * burst }
    /// True when `perSecond` is 0: everything is allowed.
    public var isUnlimited: Bool { perSecond == 0 }

    /// - Throws: ``RatePolicyError`` when a number is out of its range, or the name is not a plain word.
    public init(name: String = "default", perSecond: Double, burst: Int) throws(RatePolicyError) {
        guard perSecond == 0 || (0.000_001...1_000_000).contains(perSecond) else { throw .rate(perSecond) }
        guard (1...1_000_000).contains(burst) else { throw .burst(burst) }
        // The name stands between quotes in a structured field (RFC 9651): keep to what needs no escape.
        let plain = name.utf8.allSatisfy {
            $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
        }
        guard plain, !name.isEmpty else { throw .name(name) }
        self.name = name
        self.perSecond = perSecond
        self.burst = burst
        interval = perSecond == 0 ? .zero : .seconds(1 / perSecond)
    }

    /// The value of `RateLimit-Policy`, e.g. `"default";q=1;w=1`: `q` calls in each window of `w` whole seconds.
    ///
    /// A bucket has no window. `w` is the time in which an empty one fills (at least a second) and `q` what is earned
    /// in it, so a client that keeps to `q` a window is never denied in the long run.
    /// Source: draft-ietf-httpapi-ratelimit-headers.
    public var policyField: String {
        let window = max(1, timeToFill.wholeSecondsRoundedUp)
        let quota = max(burst, Int((perSecond * Double(window)).rounded(.down)))
        return "\"\(name)\";q=\(quota);w=\(window)"
    }
}

/// A rate that cannot be.
public enum RatePolicyError: Error, Equatable, CustomStringConvertible {
    /// The rate, in calls a second, is out of range.
    case rate(Double)
    /// The burst is out of range.
    case burst(Int)
    /// The name would need escaping in an HTTP field.
    case name(String)

    /// What is wrong, with the value and what is allowed.
    public var description: String {
        switch self {
        case .rate(let value): "rate \(value) is not allowed: give 0 (off) or calls a second from 0.000001 to 1000000"
        case .burst(let value): "burst \(value) is not allowed: give a number of calls from 1 to 1000000"
        case .name(let value):
            "rate policy name '\(value)' is not allowed: give printable ASCII without quotes and spaces"
        }
    }
}

extension Duration {
    /// Whole seconds, rounded up.
    var wholeSecondsRoundedUp: Int {
        Int(components.seconds) + (components.attoseconds > 0 ? 1 : 0)
    }
}
