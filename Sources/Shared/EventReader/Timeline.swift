public import EventSchema

/// Which object's story is asked for, and which part of it.
public struct TimelineQuery: Sendable, Equatable {
    /// The object's cluster.
    public var cluster: String
    /// The namespace of its events: its own, or `default` (some have `kube-system`) for what belongs to the cluster.
    public var namespace: String
    /// What its kind may mean.
    public var kinds: [KindReference]
    /// Its name.
    public var name: String
    /// What the one who asks may see.
    public var visibility = Visibility.everything
    /// Newest first, unless said otherwise.
    public var order: EventQuery.Order = .newestFirst
    /// Microseconds since 1970, inclusive.
    public var since: Int64?
    /// Microseconds since 1970, exclusive.
    public var until: Int64?
    /// Any of these; empty means all.
    public var types: [String] = []
    /// Any of these; empty means all.
    public var reasons: [String] = []
    /// Only what was recorded of owners until then, in microseconds since 1970, so that the pages of one answer are of
    /// the same objects; nil for all until now.
    public var recordedUntil: Int64?

    /// Where the events of what belongs to the cluster as a whole lie; the API server's validation allows no other.
    public static let clusterNamespaces = ["default", "kube-system"]

    /// From its parts.
    public init(cluster: String, namespace: String, kinds: [KindReference], name: String) {
        (self.cluster, self.namespace, self.kinds, self.name) = (cluster, namespace, kinds, name)
    }
}

/// An object that a story is of: one that had the name, or one that such a one owned.
public struct TimelineObject: Sendable, Equatable {
    /// The controller of an object.
    public struct Owner: Sendable, Equatable {
        /// Kind and apiVersion.
        public let kind: ObjectKind
        /// Its name.
        public let name: String
        /// Its uid.
        public let uid: UUIDBits
    }

    /// Kind and apiVersion.
    public let kind: ObjectKind
    /// Its own; empty for what belongs to the cluster.
    public let namespace: String
    /// Its name.
    public let name: String
    /// Its uid: of two objects of one name, each has its own.
    public let uid: UUIDBits
    /// Who controls it; nil for nobody, or where that is not known.
    public let owner: Owner?
    /// How well that is known.
    public let chain: ObjectChain
    /// Whether it had the name that was asked for.
    public let isRoot: Bool
}

/// A part of a story.
public struct TimelinePage: Sendable {
    /// The events of all the objects.
    public let events: EventPage
    /// Those that had the name, then what they owned, level by level; the newest of each level first.
    public let objects: [TimelineObject]
    /// Whether there are more objects than are told of.
    public let objectsAreTruncated: Bool
    /// What was recorded of owners until then counts here; see `TimelineQuery.recordedUntil`.
    public let recordedUntil: Int64
}
