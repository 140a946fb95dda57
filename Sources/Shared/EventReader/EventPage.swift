/// Some events, already written in the form that was asked for.
public struct EventPage: Sendable {
    /// As JSON, core/v1 Events, each with `cluster` on top; no brackets around them. See `PageForm`.
    public let items: [UInt8]
    /// How many there are; fewer than were asked for where they are large (`EventPage.byteBudget`).
    public let count: Int
    /// Where the next page starts; nil if this was the last.
    public let next: EventCursor?
    /// Where the last event lies, also on the last page; nil if there is none.
    public let last: EventCursor?

    /// From its parts.
    public init(items: [UInt8], count: Int, next: EventCursor?, last: EventCursor? = nil) {
        (self.items, self.count, self.next, self.last) = (items, count, next, last)
    }

    /// How many events the next pages have, about; nil if nobody knows. Known where there are no filters and no range, from
    /// counts that are some seconds old when page one is read.
    public var remaining: Int64? { next?.remaining }

    /// Bytes after which a page ends early. A thousand events of ordinary size are 1.1 MB of JSON.
    public static let byteBudget = 8 << 20
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

/// A namespace of a cluster that the archive knows.
public struct NamespaceSummary: Sendable, Equatable {
    /// The Events' own; empty for those that are of none.
    public let name: String
    /// How many observations are archived.
    public let events: Int64
    /// The time of the earliest, in microseconds since 1970; nil if there is none (any more).
    public let firstEvent: Int64?
    /// The time of the latest.
    public let lastEvent: Int64?

    /// From its parts.
    public init(name: String, events: Int64, firstEvent: Int64?, lastEvent: Int64?) {
        (self.name, self.events, self.firstEvent, self.lastEvent) = (name, events, firstEvent, lastEvent)
    }
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
