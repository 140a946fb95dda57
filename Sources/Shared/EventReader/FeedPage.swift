public import EventSchema

/// An event as it was committed, with what tells whether somebody waits for it.
public struct FedEvent: Sendable {
    /// The place behind it.
    public let position: FeedPosition
    /// Core/v1, with `cluster` on top.
    public let json: [UInt8]
    /// Which cluster it is of.
    public let cluster: JSONText
    /// The event's own.
    public let namespace: JSONText
    /// Of the involved object.
    public let kind: JSONText
    /// Of the involved object.
    public let apiVersion: JSONText
    /// `reason`.
    public let reason: JSONText
    /// `type`.
    public let type: JSONText
    /// `source.component`, or else `reportingComponent`.
    public let component: JSONText
    /// The involved object's name, UTF-8.
    public let name: [UInt8]
    /// UTF-8.
    public let message: [UInt8]

    /// From its parts.
    public init(
        position: FeedPosition,
        json: [UInt8],
        cluster: JSONText,
        namespace: JSONText,
        kind: JSONText,
        apiVersion: JSONText,
        reason: JSONText,
        type: JSONText,
        component: JSONText,
        name: [UInt8],
        message: [UInt8]
    ) {
        (self.position, self.json) = (position, json)
        (self.cluster, self.namespace) = (cluster, namespace)
        (self.kind, self.apiVersion) = (kind, apiVersion)
        (self.reason, self.type, self.component) = (reason, type, component)
        (self.name, self.message) = (name, message)
    }
}

/// What was committed behind a position.
public struct FeedPage: Sendable {
    /// What the feed knows of a position.
    public enum Standing: Sendable, Equatable {
        /// It is there, and so is everything behind it.
        case held
        /// It is not there and later ones are: it is too old, or of another history.
        case lost
        /// Nothing as late as this is there: a standby that lags behind, or another archive.
        case ahead
    }

    /// Of the position that was asked for. Without `held` there are no events.
    public var standing: Standing
    /// In the order of commits.
    public var events: [FedEvent]
    /// Where the next page goes on.
    public var end: FeedPosition
    /// Whether there is more to be read at once.
    public var hasMore: Bool
    /// For how long the oldest of what is committed waits until it may be read, because an older transaction is not
    /// over yet; nil if nothing waits.
    public var waiting: Duration?

    /// From its parts.
    public init(
        standing: Standing = .held,
        events: [FedEvent] = [],
        end: FeedPosition,
        hasMore: Bool = false,
        waiting: Duration? = nil
    ) {
        (self.standing, self.events, self.end) = (standing, events, end)
        (self.hasMore, self.waiting) = (hasMore, waiting)
    }
}
