/// Some events, already written in the form that was asked for.
public struct EventPage: Sendable {
    /// As JSON, core/v1 Events, each with `cluster` on top; no brackets around them. See `PageForm`.
    public let items: [UInt8]
    /// How many there are.
    public let count: Int
    /// Where the next page starts; nil if this was the last.
    public let next: EventCursor?
    /// Where the last event lies, also on the last page; nil if there is none.
    public var last: EventCursor?
}

/// A cluster that the archive knows.
public struct ClusterSummary: Sendable, Equatable {
    /// As it is archived.
    public let name: String
    /// How many observations are archived.
    public let events: Int64
    /// The time of the earliest, in microseconds since 1970; nil if there is none (any more).
    public let firstEvent: Int64?
    /// The time of the latest.
    public let lastEvent: Int64?
}

/// Why the archive could not answer. Nothing in it tells of SQL or of how the database is reached.
public enum EventReaderError: Error, Sendable, Equatable {
    /// The archive has never heard of this cluster.
    case unknownCluster(String)
    /// The database did not answer in time, or refused; worth trying again after some seconds.
    case unavailable
    /// The question was too expensive: narrow the range or the scope.
    case tooSlow
}
