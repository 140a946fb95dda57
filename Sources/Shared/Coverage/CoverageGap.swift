/// A stretch of time that nothing vouches for: what happened in it may be missing in the archive. Times are microseconds
/// since 1970, by a collector's clock.
public struct CoverageGap: Sendable, Hashable {
    /// Why. The raw values stand in the answers of the REST API.
    public enum Reason: String, Sendable, Hashable, CaseIterable {
        /// The version to go on from was compacted before a watch could go on from it.
        case expired
        /// The cluster's etcd was restored from a backup, and what came after the backup is gone there.
        case restored
        /// A line of the watch could not be read, and its event is missing. The gap may have no length.
        case unreadable
        /// Nobody watched, and then somebody began anew; or nobody ever did, of a namespace whose neighbours are watched.
        case notWatched = "not_watched"
        /// The time before the first watch of all.
        case beforeFirstWatch = "before_first_watch"
        /// Nobody has watched since. A collector that resumes may still fill it in.
        case notWatchedSince = "not_watched_since"

        init(_ cause: CoverageStretch.Cause) {
            switch cause {
            case .first: self = .notWatched
            case .expired: self = .expired
            case .restored: self = .restored
            case .unreadable: self = .unreadable
            }
        }
    }

    /// Nil: of the whole cluster.
    public var namespace: String?
    /// Inclusive; nil: since ever.
    public var from: Int64?
    /// Exclusive, but equal to `from` where a single event is missing; nil: it has not ended.
    public var until: Int64?
    /// Why nothing vouches for it.
    public var reason: Reason

    /// From its parts.
    public init(namespace: String? = nil, from: Int64?, until: Int64?, reason: Reason) {
        (self.namespace, self.from, self.until, self.reason) = (namespace, from, until, reason)
    }

    /// Where it stands among others: by its end, an open one last.
    var place: (Int64, Int64) { (until ?? .max, from ?? .min) }
}

/// The gaps in a range of time, in the order of time.
public struct CoverageGaps: Sendable, Equatable {
    /// At most `limit`, the newest ones.
    public var gaps: [CoverageGap] = []
    /// Whether there are, or may be, more that are older.
    public var isTruncated = false

    /// In one answer. Whoever has more has another problem than where they are.
    public static let limit = 100

    /// None.
    public init() {}

    /// Whether there is nothing to tell.
    public var isEmpty: Bool { gaps.isEmpty && !isTruncated }

    /// Takes in those of another scope; costs nothing if there are none.
    mutating func add(_ other: CoverageGaps) {
        guard !other.isEmpty else { return }
        isTruncated = isTruncated || other.isTruncated
        gaps.append(contentsOf: other.gaps)
        gaps.sort { $0.place < $1.place }
        guard gaps.count > Self.limit else { return }
        gaps.removeFirst(gaps.count - Self.limit)
        isTruncated = true
    }
}
