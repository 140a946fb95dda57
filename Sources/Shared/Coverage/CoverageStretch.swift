/// A stretch of time in which a watch missed nothing. Times are microseconds since 1970, by a collector's clock.
public struct CoverageStretch: Sendable, Hashable {
    /// Why a stretch began, which is why nothing vouches for the time before it. The raw values stand in the database.
    public enum Cause: String, Sendable, Hashable, CaseIterable {
        /// Nothing had been watched before: the first list of a cluster or a namespace.
        case first
        /// The version to go on from was compacted (410) before a watch could go on from it.
        case expired
        /// The API server's state was older than what had been reached: its etcd was restored from a backup.
        case restored
        /// A line of the watch could not be read, and its event is missing.
        case unreadable
    }

    /// When it began: the time of the list that it began with.
    public var since: Int64
    /// Everything that the API server had accepted by then has been brought. Never before `since`.
    public var until: Int64
    /// Why it began.
    public var cause: Cause

    /// A stretch from its parts; an `until` before `since` (a clock was set back) counts as `since`.
    public init(since: Int64, until: Int64, cause: Cause) {
        self.since = since
        self.until = max(since, until)
        self.cause = cause
    }
}
