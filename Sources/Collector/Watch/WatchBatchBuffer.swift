internal import JSON

/// Gathers events while the sink is busy with the batch before. Pure.
struct WatchBatchBuffer: Sendable {
    private let limits: WatchOptions
    private var objects: [JSONValue] = []
    private var bytes = 0
    private var version: String?
    /// The version must go out, even without an event.
    private var versionIsDue = false
    /// When a batch was last taken.
    private var lastTaken: ContinuousClock.Instant?

    init(_ limits: WatchOptions) {
        self.limits = limits
    }

    /// Whether there is something worth a delivery.
    var isReady: Bool { !objects.isEmpty || versionIsDue }

    /// Takes an event, unless there is no room for it. An event larger than the bound is taken when nothing else is
    /// here.
    ///
    /// - Parameter version: what is reached with it; nil inside a list.
    mutating func append(_ object: JSONValue, version: String?) -> Bool {
        let size = object.rawBytes.count
        let hasRoom = objects.count < limits.batchEvents && bytes + size <= limits.batchBytes
        guard objects.isEmpty || hasRoom else { return false }
        objects.append(object)
        bytes += size
        if let version { self.version = version }
        return true
    }

    /// Notes that this version is reached.
    ///
    /// - Parameter mustGoOut: at the end of a list; a DELETED or a bookmark otherwise waits for company, or until
    ///   `versionDelay` has passed since the last batch. Expiring events alone would else cost a transaction each.
    mutating func reach(_ version: String, mustGoOut: Bool, at now: ContinuousClock.Instant) {
        self.version = version
        if mustGoOut || lastTaken.map({ now - $0 >= limits.versionDelay }) ?? true { versionIsDue = true }
    }

    /// Hands out everything.
    mutating func take(at now: ContinuousClock.Instant) -> (objects: [JSONValue], version: String?) {
        defer {
            objects = []
            bytes = 0
            version = nil
            versionIsDue = false
            lastTaken = now
        }
        return (objects, version)
    }

    /// Whether anything at all would be lost by throwing this away.
    var isEmpty: Bool { objects.isEmpty && version == nil }
}
