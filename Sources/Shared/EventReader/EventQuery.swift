/// Which events are asked for. Names are the archive's own texts; what the archive does not know selects nothing.
public struct EventQuery: Sendable, Equatable {
    /// How wide the question is.
    public enum Scope: Sendable, Equatable {
        case everything
        case cluster(String)
        /// The namespace is the Event's own; Node events live in `default`.
        case namespace(cluster: String, namespace: String)
    }

    /// The order of event time, and of the identity where times are equal.
    public enum Order: String, Sendable, Equatable {
        case newestFirst = "desc"
        case oldestFirst = "asc"
    }

    public var scope: Scope
    public var order: Order = .newestFirst
    /// Microseconds since 1970, inclusive.
    public var since: Int64?
    /// Microseconds since 1970, exclusive.
    public var until: Int64?
    /// Any of these; empty means all. So with the lists below.
    public var types: [String] = []
    public var reasons: [String] = []
    public var kinds: [KindReference] = []
    /// The involved object's name, exactly.
    public var name: String?

    public init(_ scope: Scope) {
        self.scope = scope
    }
}

/// A kind of objects as a user means it: `Deployment`, or `Deployment` of the group `apps` only.
public struct KindReference: Sendable, Hashable {
    public var kind: String
    /// Nil means any group; empty means core.
    public var group: String?

    public init(kind: String, group: String? = nil) {
        (self.kind, self.group) = (kind, group)
    }
}

/// The last event of a page: where the next one goes on, in either order.
public struct EventCursor: Sendable, Equatable {
    /// Microseconds since 1970.
    public let time: Int64
    /// The archive's identity of the event.
    public let id: Int64

    public init(time: Int64, id: Int64) {
        (self.time, self.id) = (time, id)
    }
}
