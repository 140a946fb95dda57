public import Coverage

/// A batch of a watch as it lies in the spool.
public struct SpoolRecord: Sendable, Equatable {
    /// The namespace that is watched; nil for all.
    public var namespace: String?
    /// What is reached when this batch and all before it are in the archive; nil inside a list.
    public var position: WatchPosition?
    /// Event objects as JSON text, in the order in which they came. Can be empty.
    public var bodies: [[UInt8]]

    /// A record from its parts.
    public init(namespace: String?, position: WatchPosition?, bodies: [[UInt8]]) {
        self.namespace = namespace
        self.position = position
        self.bodies = bodies
    }
}
