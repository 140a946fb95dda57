public import Coverage
public import JSON

/// Events in the order in which the API server told them, and how far they reach.
public struct WatchBatch: Sendable, Equatable {
    /// The namespace that is watched; nil for all.
    public let namespace: String?
    /// Event objects as they came, out of pages of a list and out of ADDED and MODIFIED frames. The same event can come
    /// again, after a relist above all: identity removes the doubles. Can be empty, when only the version moved.
    public let objects: [JSONValue]
    /// What is reached when this batch and all before it are safe; nil as long as a first list is not complete, since
    /// then nothing that was reached before may be replaced.
    public let position: WatchPosition?

    /// A batch from its parts.
    public init(namespace: String?, objects: [JSONValue], position: WatchPosition?) {
        self.namespace = namespace
        self.objects = objects
        self.position = position
    }
}

/// Takes what a watcher brings.
public protocol WatchSink: Sendable {
    /// Takes a batch. Returns when it is safe, for then the next follows; what comes meanwhile is gathered, and the
    /// stream is read no further when that is enough.
    ///
    /// - Throws: to end the watcher. Trying again is the sink's own part.
    func deliver(_ batch: WatchBatch) async throws
}
