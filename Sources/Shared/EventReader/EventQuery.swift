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

    /// Whether each observation of an Event counts, or only its latest.
    public enum View: String, Sendable, Equatable {
        case observations
        case latest
    }

    /// How wide it is.
    public var scope: Scope
    /// What the one who asks may see of it.
    public var visibility = Visibility.everything
    /// Newest first, unless said otherwise.
    public var order: Order = .newestFirst
    /// Microseconds since 1970, inclusive.
    public var since: Int64?
    /// Microseconds since 1970, exclusive.
    public var until: Int64?
    /// Any of these; empty means all. So with the lists below.
    public var types: [String] = []
    /// Any of these reasons.
    public var reasons: [String] = []
    /// Involved objects of any of these kinds.
    public var kinds: [KindReference] = []
    /// Any of these reporting components, `source.component` or else `reportingComponent`.
    public var components: [String] = []
    /// The involved object's name, exactly.
    public var name: String?
    /// A part of the message. The letters A to Z match whatever their case; all else is compared as it stands.
    public var text: String?
    /// Each observation, unless said otherwise. `latest` leaves only the last observation of each Event before `until`,
    /// whether or not it has reached `since` and the filters, and applies these to it.
    public var view = View.observations

    /// From its parts.
    public init(_ scope: Scope) {
        self.scope = scope
    }
}

/// A kind of objects as a user means it: `Deployment`, or `Deployment` of the group `apps` only.
public struct KindReference: Sendable, Hashable {
    /// As Kubernetes writes it: `Deployment`.
    public var kind: String
    /// Nil means any group; empty means core.
    public var group: String?

    /// From its parts.
    public init(kind: String, group: String? = nil) {
        (self.kind, self.group) = (kind, group)
    }
}
