internal import Coverage
internal import JSON

/// Gathers events while the sink is busy with the batch before. Pure.
struct WatchBatchBuffer: Sendable {
    private let limits: WatchOptions
    private var objects: [JSONValue] = []
    private var bytes = 0
    private var position: WatchPosition?
    /// The position must go out, even without an event.
    private var positionIsDue = false
    /// Something was turned away, which now waits for this to be taken.
    private var holdsUp = false
    /// When a batch was last taken.
    private var lastTaken: ContinuousClock.Instant?

    init(_ limits: WatchOptions) {
        self.limits = limits
    }

    /// Whether there is something worth a delivery.
    var isReady: Bool { !objects.isEmpty || positionIsDue }

    /// How long what is here still waits for company (see `WatchOptions.batchInterval`), zero if it is due.
    ///
    /// - Returns: nil if there is nothing worth a delivery.
    func wait(at now: ContinuousClock.Instant) -> Duration? {
        guard isReady else { return nil }
        guard !holdsUp, let lastTaken else { return .zero }
        return max(.zero, limits.batchInterval - (now - lastTaken))
    }

    /// Takes an event, unless there is no room for it. An event larger than the bound is taken when nothing else is
    /// here.
    ///
    /// - Parameter position: what is reached with it; nil inside a list.
    mutating func append(_ object: JSONValue, position: WatchPosition?) -> Bool {
        let size = object.rawBytes.count
        let hasRoom = objects.count < limits.batchEvents && bytes + size <= limits.batchBytes
        guard objects.isEmpty || hasRoom, takes(position) else {
            holdsUp = true
            return false
        }
        objects.append(object)
        bytes += size
        if let position { self.position = position }
        return true
    }

    /// Notes that this position is reached, unless the end of another stretch is still here.
    ///
    /// - Parameter mustGoOut: at the end of a list; a DELETED or a bookmark otherwise waits for company, or until
    ///   `versionDelay` has passed since the last batch. Expiring events alone would else cost a transaction each.
    mutating func reach(_ position: WatchPosition, mustGoOut: Bool, at now: ContinuousClock.Instant) -> Bool {
        guard takes(position) else {
            holdsUp = true
            return false
        }
        self.position = position
        if mustGoOut || lastTaken.map({ now - $0 >= limits.versionDelay }) ?? true { positionIsDue = true }
        return true
    }

    /// How far a stretch reached stands only in its last position: that has to be out before another begins.
    private mutating func takes(_ next: WatchPosition?) -> Bool {
        guard let here = position?.stretch, let next = next?.stretch,
            here.since != next.since || here.cause != next.cause
        else { return true }
        positionIsDue = true
        return false
    }

    /// Hands out everything.
    mutating func take(at now: ContinuousClock.Instant) -> (objects: [JSONValue], position: WatchPosition?) {
        defer {
            objects = []
            bytes = 0
            position = nil
            positionIsDue = false
            holdsUp = false
            lastTaken = now
        }
        return (objects, position)
    }

    /// Whether anything at all would be lost by throwing this away.
    var isEmpty: Bool { objects.isEmpty && position == nil }
}
