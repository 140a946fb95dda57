import EventSchema

/// Objects that wait to be asked about, and those that were settled lately. Both are bounded.
struct OwnerQueue {
    /// What became of an offer.
    struct Outcome: Equatable {
        /// Objects that wait now and did not before.
        var queued = 0
        /// Objects for which there was no room. Their next event offers them again.
        var dropped = 0
    }

    private let limit: Int
    private var waiting: [ObjectReference] = []
    /// Those that wait and those that are being asked about.
    private var busy: Set<UUIDBits> = []
    private var settled: SettledObjects

    /// - Parameters:
    ///   - limit: how many may wait.
    ///   - settledLimit: how many are remembered as settled.
    init(limit: Int, settledLimit: Int) {
        self.limit = limit
        settled = SettledObjects(limit: settledLimit)
    }

    var isEmpty: Bool { waiting.isEmpty }

    var count: Int { waiting.count }

    /// What waits is dropped, and what is being asked about may be offered again.
    mutating func forgetWaiting() {
        waiting = []
        busy = []
    }

    mutating func offer(_ objects: some Sequence<ObjectReference>, at now: ContinuousClock.Instant) -> Outcome {
        var outcome = Outcome()
        for object in objects where !busy.contains(object.uid) && !settled.contains(object.uid, at: now) {
            guard waiting.count < limit else {
                outcome.dropped += 1
                continue
            }
            waiting.append(object)
            busy.insert(object.uid)
            outcome.queued += 1
        }
        return outcome
    }

    /// The oldest that wait, at most so many; to be given back by `done`.
    mutating func take(_ count: Int) -> [ObjectReference] {
        let taken = Array(waiting.prefix(count))
        waiting.removeFirst(taken.count)
        return taken
    }

    /// - Parameter settled: those that need not be asked about for a while, and until when.
    mutating func done(_ objects: [ObjectReference], settled until: [UUIDBits: ContinuousClock.Instant]) {
        for object in objects { busy.remove(object.uid) }
        for (uid, end) in until { settled.insert(uid, until: end) }
    }

    mutating func isSettled(_ uid: UUIDBits, at now: ContinuousClock.Instant) -> Bool { settled.contains(uid, at: now) }

    var settledCount: Int { settled.count }
}
