/// The last event of a page, where the next one goes on in either order, and what page one has to hand on to it.
public struct EventCursor: Sendable, Equatable {
    /// Microseconds since 1970.
    public let time: Int64
    /// The archive's identity of the event.
    public let id: Int64
    /// What had been archived when page one was read; nil where it makes no difference.
    public let snapshot: ArchiveSnapshot?
    /// How many events follow, about; nil if nobody knows.
    public let remaining: Int64?

    /// From its parts.
    public init(time: Int64, id: Int64, snapshot: ArchiveSnapshot? = nil, remaining: Int64? = nil) {
        (self.time, self.id, self.snapshot, self.remaining) = (time, id, snapshot, remaining)
    }
}

/// A moment in the order of commits, as PostgreSQL's `pg_snapshot` tells it.
///
/// With `view=latest`, a new observation that arrives between two pages would take the one before it out of the second,
/// after its own place had been passed: the Event would be on neither. So all pages look at the archive as page one saw it.
public struct ArchiveSnapshot: Sendable, Hashable {
    /// Transactions from this one on had not begun, or not written anything; `xmax`.
    public let next: Int64
    /// Transactions before it that were under way.
    public let inProgress: [Int64]

    /// Of `inProgress`, so that a token stays short: the rest counts as committed. Each collector has one or two.
    public static let mostInProgress = 32

    /// From its parts; nil for what is no snapshot.
    public init?(next: Int64, inProgress: [Int64]) {
        // Transaction ids begin at 3; at a million a second the bound is 146 000 years away.
        let ids = 3...(Int64(1) << 62)
        guard ids.contains(next), inProgress.count <= Self.mostInProgress, inProgress.allSatisfy(ids.contains) else {
            return nil
        }
        (self.next, self.inProgress) = (next, inProgress)
    }

    /// From `pg_snapshot` as text: `xmin:xmax:xip,xip`.
    init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, let next = Int64(parts[1]) else { return nil }
        let inProgress = parts[2].split(separator: ",").compactMap { Int64($0) }
        self.init(next: next, inProgress: Array(inProgress.prefix(Self.mostInProgress)))
    }
}
