public import EventReader

/// Decides what the one reader of a replica does next, and what each listener gets. It asks nothing and nobody: time and
/// answers come in.
///
/// All listeners that are not behind stand at one shared position, from which one question brings news for all of them.
/// Those that are behind, because they came with a `Last-Event-ID` or did not read for a while, are read for from the
/// rearmost of their positions on, and the others join in where the reading passes them. A listener moves from the one
/// group to the other without a gap, since each of its positions says up to where it has had everything.
struct LiveTailStateMachine: Sendable {
    struct ListenerID: Hashable, Sendable {
        let number: Int
    }

    /// Where a listener stands.
    enum Standing: Equatable, Sendable {
        /// It waits for the shared position to be known: → live. With a reason if that is to be told.
        case fromNow(LiveReset?)
        /// Its position is to be looked up, and was not there yet at that time: → catchingUp, fromNow
        case toCheck(FeedPosition, aheadSince: ContinuousClock.Instant?)
        /// It has had everything up to there: → live, fromNow
        case catchingUp(FeedPosition)
        /// It has had everything up to the shared position: → catchingUp, fromNow
        case live
    }

    enum Action: Equatable, Sendable {
        /// Nobody listens.
        case sleep
        /// Nothing is to be done before then, unless a listener comes or takes something.
        case wait(until: ContinuousClock.Instant)
        /// Find out where the feed ends; `newestFound` takes the answer.
        case findNewest
        /// Look these positions up; `looked` takes the answer.
        case look(for: [FeedPosition])
        /// Read on for the listeners at the shared position; `readOn` takes the answer.
        case readOn(after: FeedPosition)
        /// Read for those that are behind; `caughtUp` takes the answer.
        case catchUp(after: FeedPosition)
    }

    struct Listener: Sendable {
        var standing: Standing
        var matcher: EventMatcher
        var buffer: FrameBuffer
        /// It has been told where it starts.
        var isOpen = false
        /// Something did not fit into its buffer: nothing more is read for it until that is empty.
        var isFull = false
        var lastFrame: ContinuousClock.Instant
    }

    let settings: LiveTailSettings
    var listeners: [ListenerID: Listener] = [:]
    /// Up to where the listeners that are live have had everything; nil if that is not known.
    var shared: FeedPosition?
    /// How often a listener was told that something may be missing.
    var resets = 0
    private var lastNumber = 0
    private var nextPoll: ContinuousClock.Instant?
    private var notBefore: ContinuousClock.Instant?
    /// Those that are behind and those that are not have turns.
    private var isTurnOfThoseBehind = false
    private var nextHeartbeats: ContinuousClock.Instant?
    /// When positions that were not there yet are looked up again.
    private var nextLook: ContinuousClock.Instant?

    init(_ settings: LiveTailSettings) {
        self.settings = settings
    }

    /// A listener that wants what comes after a position, or from now on.
    ///
    /// - Returns: nil if there are too many already.
    mutating func add(
        _ matcher: EventMatcher,
        after start: LiveStart,
        at now: ContinuousClock.Instant
    ) -> ListenerID? {
        guard listeners.count < settings.mostListeners else { return nil }
        lastNumber += 1
        let id = ListenerID(number: lastNumber)
        let standing: Standing =
            switch start {
            case .now: .fromNow(nil)
            case .unknown: .fromNow(.unknown)
            case .position(let position): .toCheck(position, aheadSince: nil)
            }
        listeners[id] = Listener(
            standing: standing,
            matcher: matcher,
            buffer: FrameBuffer(mostFrames: settings.mostBufferedEvents, mostBytes: settings.mostBufferedBytes),
            lastFrame: now
        )
        if let shared, case .fromNow(let reason) = standing { begin(id, at: shared, reason, now) }
        return id
    }

    mutating func remove(_ id: ListenerID) {
        listeners[id] = nil
    }

    mutating func restrict(_ id: ListenerID, to visibility: Visibility) {
        listeners[id]?.matcher.restrict(to: visibility)
    }

    /// The next bytes for a listener, empty if there are none; and whether there is room again to read for it.
    mutating func take(_ id: ListenerID, atMost bytes: Int) -> (bytes: [UInt8], hasRoomAgain: Bool) {
        guard let taken = listeners[id]?.buffer.take(bytes) else { return ([], false) }
        guard listeners[id]?.isFull == true, listeners[id]?.buffer.isEmpty == true else { return (taken, false) }
        listeners[id]?.isFull = false
        return (taken, true)
    }

    /// What to do now.
    mutating func next(at now: ContinuousClock.Instant) -> Action {
        guard !listeners.isEmpty else {
            (shared, nextPoll, notBefore) = (nil, nil, nil)
            return .sleep
        }
        if nextHeartbeats.map({ $0 <= now }) ?? true {
            nextHeartbeats = now + settings.pollInterval
            sendHeartbeats(at: now)
        }
        if let notBefore, now < notBefore { return .wait(until: notBefore) }
        notBefore = nil
        guard let shared else { return .findNewest }
        let isPollDue = nextPoll.map { $0 <= now } ?? true
        let toCheck = positionsToCheck(at: now)
        if !toCheck.isEmpty { return .look(for: toCheck) }
        if let rearmost = rearmost(before: shared), !isPollDue || isTurnOfThoseBehind {
            isTurnOfThoseBehind = false
            return .catchUp(after: rearmost)
        }
        guard isPollDue else { return .wait(until: min(nextPoll ?? now, now + settings.pollInterval)) }
        isTurnOfThoseBehind = true
        nextPoll = now + settings.pollInterval
        // With nobody to read for it is enough to know where those start who come next.
        return listeners.values.contains { $0.standing == .live } ? .readOn(after: shared) : .findNewest
    }

    /// The archive did not answer.
    mutating func failed(at now: ContinuousClock.Instant) {
        notBefore = now + settings.retryInterval
    }

    mutating func newestFound(_ position: FeedPosition, at now: ContinuousClock.Instant) {
        // Who came while the question was under way stands at the position before it, and is read for from there.
        let start = listeners.values.contains { $0.standing == .live } ? shared ?? position : position
        shared = start
        for (id, listener) in listeners {
            if case .fromNow(let reason) = listener.standing { begin(id, at: start, reason, now) }
        }
    }

    mutating func looked(_ standings: [FeedPosition: FeedPage.Standing], at now: ContinuousClock.Instant) {
        for (id, listener) in listeners {
            guard case .toCheck(let position, let aheadSince) = listener.standing, let standing = standings[position]
            else { continue }
            switch standing {
            case .held:
                listeners[id]?.standing = .catchingUp(position)
                open(id, at: position, now)
            case .lost:
                restart(id, .expired, now)
            case .ahead:
                let since = aheadSince ?? now
                if now - since >= settings.mostLag {
                    restart(id, .expired, now)
                } else {
                    nextLook = now + settings.pollInterval
                    listeners[id]?.standing = .toCheck(position, aheadSince: since)
                }
            }
        }
    }

    /// The answer for those at the shared position.
    mutating func readOn(_ page: FeedPage, at now: ContinuousClock.Instant) {
        guard let start = shared else { return }
        switch page.standing {
        case .ahead: return
        case .lost:
            // Another server, which lacks what the one before had last.
            shared = nil
            for (id, listener) in listeners where listener.standing == .live { restart(id, .expired, now) }
        case .held:
            var frames = PageFrames(page)
            for (id, listener) in listeners where listener.standing == .live {
                let reached = deliver(&frames, from: start, upTo: page.end, to: id, now)
                if reached != page.end { listeners[id]?.standing = .catchingUp(reached) }
            }
            shared = page.end
            if page.hasMore { nextPoll = now }
        }
    }

    /// The answer for those that were behind.
    mutating func caughtUp(_ page: FeedPage, after start: FeedPosition, at now: ContinuousClock.Instant) {
        guard let shared else { return }
        switch page.standing {
        case .ahead: failed(at: now)
        case .lost:
            // What is before it is lost as well; what is behind it is asked for at its turn.
            for (id, listener) in listeners {
                if case .catchingUp(let position) = listener.standing, position <= start { restart(id, .expired, now) }
            }
        case .held:
            var frames = PageFrames(page)
            let end = min(page.end, shared)
            for (id, listener) in listeners {
                guard case .catchingUp(let position) = listener.standing, position >= start, position <= end,
                    !listener.isFull
                else { continue }
                let reached = deliver(&frames, from: position, upTo: end, to: id, now)
                listeners[id]?.standing = reached == shared ? .live : .catchingUp(reached)
            }
            // A server that is behind the one that told the shared position.
            if !page.hasMore, page.end < shared, page.end == start { failed(at: now) }
        }
    }

    /// Where those go on who are behind and have room. One that is ahead of the others waits for them.
    private func rearmost(before shared: FeedPosition) -> FeedPosition? {
        listeners.values.compactMap { listener in
            guard case .catchingUp(let position) = listener.standing, !listener.isFull, position <= shared else {
                return nil
            }
            return position
        }.min()
    }

    private func positionsToCheck(at now: ContinuousClock.Instant) -> [FeedPosition] {
        var positions: Set<FeedPosition> = []
        for listener in listeners.values {
            guard case .toCheck(let position, let aheadSince) = listener.standing else { continue }
            if aheadSince == nil || nextLook.map({ $0 <= now }) ?? true { positions.insert(position) }
        }
        return Array(positions.sorted().prefix(Self.mostChecked))
    }

    private static let mostChecked = 64

    /// - Returns: up to where the listener has had everything now.
    private mutating func deliver(
        _ frames: inout PageFrames,
        from start: FeedPosition,
        upTo end: FeedPosition,
        to id: ListenerID,
        _ now: ContinuousClock.Instant
    ) -> FeedPosition {
        guard var listener = listeners.removeValue(forKey: id) else { return start }
        defer { listeners[id] = listener }
        var reached = start
        for index in frames.indices(behind: start, upTo: end) {
            if frames.matches(index, listener.matcher) {
                let frame = frames[index]
                guard listener.buffer.takes(frame) else {
                    listener.isFull = true
                    return reached
                }
                listener.buffer.append(frame)
                listener.lastFrame = now
            }
            reached = frames.position(index)
        }
        return end
    }

    private mutating func begin(
        _ id: ListenerID,
        at position: FeedPosition,
        _ reason: LiveReset?,
        _ now: ContinuousClock.Instant
    ) {
        listeners[id]?.standing = .live
        open(id, at: position, now)
        guard let reason else { return }
        resets += 1
        listeners[id]?.buffer.append(EventStreamFrame.reset(reason, at: position))
    }

    private mutating func restart(_ id: ListenerID, _ reason: LiveReset, _ now: ContinuousClock.Instant) {
        listeners[id]?.standing = .fromNow(reason)
        if let shared { begin(id, at: shared, reason, now) }
    }

    private mutating func open(_ id: ListenerID, at position: FeedPosition, _ now: ContinuousClock.Instant) {
        guard listeners[id]?.isOpen == false else { return }
        listeners[id]?.isOpen = true
        listeners[id]?.lastFrame = now
        // Not all at the same moment, should this replica go.
        let retry = Duration.milliseconds(1_000 + id.number * 617 % 4_000)
        listeners[id]?.buffer.append(EventStreamFrame.opening(at: position, retry: retry))
    }

    /// Tells those that had nothing for a while up to where that holds.
    private mutating func sendHeartbeats(at now: ContinuousClock.Instant) {
        for (id, listener) in listeners
        where listener.isOpen && listener.buffer.isEmpty && now - listener.lastFrame >= settings.heartbeatInterval {
            let position: FeedPosition? =
                switch listener.standing {
                case .live: shared
                case .catchingUp(let position): position
                case .fromNow, .toCheck: nil
                }
            listeners[id]?.buffer.append(EventStreamFrame.heartbeat(at: position))
            listeners[id]?.lastFrame = now
        }
    }
}

/// From where a listener wants to hear.
public enum LiveStart: Sendable, Equatable {
    /// What is committed from now on.
    case now
    /// Everything that was committed behind a position.
    case position(FeedPosition)
    /// Behind something that is no position: from now on, and that is told.
    case unknown

    /// What the `Last-Event-ID` of a client means; nil or empty where there is none.
    public init(lastEventID: String?) {
        guard let lastEventID, !lastEventID.isEmpty else {
            self = .now
            return
        }
        self = FeedPosition(lastEventID).map { .position($0) } ?? .unknown
    }
}
