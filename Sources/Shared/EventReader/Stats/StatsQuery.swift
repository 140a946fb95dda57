/// A question about numbers of observations: how many there were, bucket by bucket, of each type, reason and so on.
public struct StatsQuery: Sendable, Equatable {
    /// What makes a series of its own.
    public enum Key: String, Sendable, CaseIterable {
        case type
        case reason
        /// The involved object's kind, whatever its group and version.
        case kind
        /// By name: namespaces of the same name in several clusters are one series.
        case namespace
        case cluster
        /// `source.component` or else `reportingComponent`.
        case component
    }

    /// How long a bucket is. All begin at whole buckets since 1970 in UTC, so that a day is a day in UTC.
    public enum Bucket: String, Sendable, CaseIterable {
        case minute = "1m"
        case fiveMinutes = "5m"
        case hour = "1h"
        case day = "1d"

        /// Microseconds.
        public var length: Int64 {
            switch self {
            case .minute: 60_000_000
            case .fiveMinutes: 300_000_000
            case .hour: StatsRanges.hour
            case .day: 86_400_000_000
            }
        }

        /// Where the bucket begins that a moment lies in, in microseconds since 1970.
        public func start(of moment: Int64) -> Int64 { moment.roundedDown(to: length) }

        /// How many buckets a range touches.
        public func count(from since: Int64, until: Int64) -> Int64 {
            since < until ? (start(of: until - 1) - start(of: since)) / length + 1 : 0
        }
    }

    /// How wide it is.
    public var scope: EventQuery.Scope
    /// What the one who asks may see of it.
    public var visibility = Visibility.everything
    /// What makes a series of its own.
    public var key: Key
    /// How long a bucket is.
    public var bucket: Bucket
    /// Microseconds since 1970, inclusive.
    public var since: Int64
    /// Microseconds since 1970, exclusive; after `since`.
    public var until: Int64
    /// How many series there are at most; what remains is one more.
    public var top = 10
    /// Any of these; empty means all. So with the lists below.
    public var types: [String] = []
    /// Any of these reasons.
    public var reasons: [String] = []
    /// Involved objects of any of these kinds.
    public var kinds: [KindReference] = []
    /// Any of these reporting components, `source.component` or else `reportingComponent`.
    public var components: [String] = []

    /// From its parts.
    public init(_ scope: EventQuery.Scope, by key: Key, bucket: Bucket, since: Int64, until: Int64) {
        (self.scope, self.key, self.bucket, self.since, self.until) = (scope, key, bucket, since, until)
    }

    /// Where each bucket begins. The first may begin before `since`, and the last end after `until`: both hold only what
    /// lies within the range.
    public var bucketStarts: [Int64] {
        let first = bucket.start(of: since)
        return (0..<bucket.count(from: since, until: until)).map { first + $0 * bucket.length }
    }
}

/// Numbers of observations, bucket by bucket.
public struct EventStats: Sendable, Equatable {
    /// One series.
    public struct Series: Sendable, Equatable {
        /// The type, reason or whatever was asked for; empty where events have none. Nil for all that remain.
        public let key: String?
        /// The sum of the points.
        public let total: Int64
        /// As many as there are buckets.
        public let points: [Int64]
    }

    /// Where each bucket begins, in microseconds since 1970.
    public let times: [Int64]
    /// The largest first, what remains last. One without any observation is not there.
    public let series: [Series]
}

extension Int64 {
    /// The largest multiple that is not greater.
    func roundedDown(to length: Int64) -> Int64 {
        let remainder = self % length
        return self - (remainder < 0 ? remainder + length : remainder)
    }

    /// The smallest multiple that is not less.
    func roundedUp(to length: Int64) -> Int64 { -(-self).roundedDown(to: length) }
}
