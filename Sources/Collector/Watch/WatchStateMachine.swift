internal import Coverage

/// Decides what a watcher asks the API server for next. It asks for nothing itself, reads no clock and throws no dice.
///
/// The rules begin as those of client-go's reflector (`tools/cache/reflector.go`): list, then watch from the list's
/// version; a version advances by objects and bookmarks only; 410 means list again; a clean end is no error. What goes
/// beyond them, and why, stands in docs/watch.md.
struct WatchStateMachine: Sendable {
    enum State: Sendable, Equatable {
        /// Nothing was asked yet. → listing, comparing
        case idle
        /// A page was asked for, maybe beside a silent watch. → listing, opening, open (if it fails beside a watch)
        case listing(WatchList, beside: Stream?)
        /// The server's version was asked for, maybe beside a watch that fell behind. → comparing, opening, open, listing
        case comparing(beside: Stream?)
        /// A watch was asked for, maybe beside a silent one. → open, opening, comparing, listing
        case opening(beside: Stream?)
        /// A watch is open. → open, opening, comparing, listing
        case open(Stream)

        /// The watch that is kept while something is asked beside it.
        var watchBeside: Stream? {
            switch self {
            case .idle, .open: nil
            case .listing(_, let stream), .comparing(let stream), .opening(let stream): stream
            }
        }
    }

    struct Stream: Sendable, Equatable {
        let openedAt: WatchMoment
        /// When the last frame came.
        var frameAt: ContinuousClock.Instant
        /// If it is silent until then, it is checked.
        var checkDue: ContinuousClock.Instant
        /// Whether it brought anything at all.
        var isSilent = true
        /// Whether it brought anything new.
        var advanced = false
        /// Of the requests beside it. On SIGTERM an API server refuses new ones for the minute that its open watches
        /// live on; what was waited in that time must not be held against the server that comes after it.
        var checkBackoff: WatchBackoff
    }

    /// Where the server was when it was compared with what was reached: further.
    struct Target: Sendable, Equatable {
        let version: String
        let asked: WatchMoment
    }

    let options: WatchOptions
    var state = State.idle
    /// What was reached; nil before the first list is complete.
    var reach: WatchReach?
    /// As long as frames are older than this, they tell of what happened long before they came.
    var target: Target?
    /// The reader was held back, so the next frames may have waited for long; how far the server is meanwhile is asked
    /// when this time has come.
    var compareDue: ContinuousClock.Instant?
    var backoff: WatchBackoff
    /// The next failure of a kind that deserves it is followed by an immediate retry. Earned by progress, used up by
    /// the retry: so that a stream that merely ended costs no time, and a server that only fails is not stormed.
    var mayRetryAtOnce = true
    /// The same of a list after a 410, earned and used up apart from the other: while a list waits, states are
    /// superseded that nothing brings any more. A server that answers with 410 is back, however long it was away.
    var mayListAtOnce = true
    /// The request before was answered with 401 too, so a fresh token alone does not help.
    var wasUnauthorized = false
    /// Where a line could not be read. If that happens again at the same place, the line itself is bad.
    var malformedAfter: String?
    /// How many watches from the same version have ended at once, with nothing.
    var emptyWatches = 0

    init(_ options: WatchOptions = WatchOptions()) {
        self.options = options
        backoff = WatchBackoff(options)
    }

    /// What to do next.
    enum Action: Sendable, Equatable {
        /// Wait, then ask for a page: the first, or the one that the token continues with.
        case list(continueToken: String?, limit: Int, after: Duration)
        /// Wait, then ask for the shortest of lists and say which version it shows.
        case compare(after: Duration)
        /// Wait, then open a watch. One that is open until then is let go when this one is open.
        case watch(resourceVersion: String, timeoutSeconds: Int, after: Duration)
        /// Go on reading the watch that is open.
        case read
    }

    /// Everything that the server told up to here was handed out; nil before the first list is complete.
    var position: WatchPosition? { reach?.position }

    /// Whether the stream of a watch is still wanted.
    var keepsWatch: Bool {
        switch state {
        case .idle, .comparing(beside: nil), .listing(_, beside: nil), .opening(beside: nil): false
        case .open, .comparing(beside: .some), .listing(_, beside: .some), .opening(beside: .some): true
        }
    }

    /// Begins: with a list, or where an earlier run has come to.
    mutating func start(from position: WatchPosition?) -> Action {
        precondition(state == .idle, "a watch starts once")
        guard let position else { return list(.valid) }
        reach = WatchReach(position)
        return compare()
    }

    /// The server shows this version.
    ///
    /// A watch from a version that the server has not reached yet, since its etcd was restored from a backup, gets 200
    /// and then silence for ever. Only a list tells.
    ///
    /// - Parameter asked: when it was asked.
    mutating func compared(
        resourceVersion: String,
        asked: WatchMoment,
        at now: WatchMoment,
        random: Double
    ) -> Action {
        guard case .comparing(let stream) = state, let version = reach?.version else {
            preconditionFailure("a version came that nobody asked for")
        }
        succeeded(at: now)
        compareDue = nil
        if ResourceVersion.isOlder(resourceVersion, than: version) ?? false { return list(.valid) }
        if resourceVersion == version {
            // Nothing of any kind has happened since.
            reach?.cover(until: asked)
            reach?.advance(to: version, newestAt: asked.instant)
        } else if ResourceVersion.isOlder(version, than: resourceVersion) ?? false {
            target = Target(version: resourceVersion, asked: asked)
        }
        guard let stream else { return watch(random: random) }
        state = .open(stream)
        return .read
    }

    /// The server has accepted the watch.
    mutating func watchOpened(at now: WatchMoment) {
        guard case .opening = state else { preconditionFailure("a watch opened that nobody asked for") }
        succeeded(at: now)
        state = .open(
            Stream(
                openedAt: now,
                frameAt: now.instant,
                checkDue: now.instant + options.silence,
                checkBackoff: WatchBackoff(options)
            )
        )
    }
}

/// Requests.
extension WatchStateMachine {
    mutating func succeeded(at now: WatchMoment) {
        backoff.succeeded(at: now.instant)
        wasUnauthorized = false
    }

    mutating func compare(after delay: Duration = .zero, beside stream: Stream? = nil) -> Action {
        state = .comparing(beside: stream)
        return .compare(after: delay)
    }

    /// A watch from what was reached.
    mutating func watch(random: Double, after delay: Duration = .zero, beside stream: Stream? = nil) -> Action {
        guard let version = reach?.version else { preconditionFailure("a watch needs a version to begin from") }
        state = .opening(beside: stream)
        let range = options.watchSeconds
        let seconds = range.lowerBound + Int(Double(range.upperBound - range.lowerBound) * random)
        return .watch(resourceVersion: version, timeoutSeconds: seconds, after: delay)
    }
}
