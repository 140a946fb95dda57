/// Decides what a watcher asks the API server for next. It asks for nothing itself, reads no clock and throws no dice.
///
/// The rules are client-go's reflector's (`tools/cache/reflector.go`): list, then watch from the list's version; a
/// version advances by objects and bookmarks only; 410 means list again; a clean end is no error.
struct WatchStateMachine: Sendable {
    private enum State: Sendable, Equatable {
        /// Nothing was asked yet. → listing, opening
        case idle
        /// A page was asked for. → listing, opening
        case listing(List)
        /// A watch was asked for. → open, opening, listing
        case opening(version: String)
        /// A watch is open. → opening, listing
        case open(Stream)
    }

    private struct List: Sendable, Equatable {
        /// What asks for the next page; nil for the first.
        var continueToken: String?
        /// The first page's version.
        var version: String?
        /// How many events a page may have.
        var limit: Int
    }

    private struct Stream: Sendable, Equatable {
        /// What was reached by an object or a bookmark.
        var version: String
        let openedAt: ContinuousClock.Instant
        /// Whether it brought anything new.
        var advanced = false
    }

    private let options: WatchOptions
    private var state = State.idle
    private var backoff: WatchBackoff
    /// The next failure of a kind that deserves it is followed by an immediate retry. Earned by progress, used up by
    /// the retry: so that a stream that merely ended costs no time, and a server that only fails is not stormed.
    private var mayRetryAtOnce = true
    /// The request before was answered with 401 too, so a fresh token alone does not help.
    private var wasUnauthorized = false
    /// Where a line could not be read. If that happens again at the same place, the line itself is bad.
    private var malformedAfter: String?

    init(_ options: WatchOptions = WatchOptions()) {
        self.options = options
        backoff = WatchBackoff(options)
    }

    /// What to do next.
    enum Action: Sendable, Equatable {
        /// Wait, then ask for a page: the first, or the one that the token continues with.
        case list(continueToken: String?, limit: Int, after: Duration)
        /// Wait, then open a watch.
        case watch(resourceVersion: String, timeoutSeconds: Int, after: Duration)
    }

    /// Begins: with a list, or with a watch from a version that was reached before.
    mutating func start(from version: String?, random: Double) -> Action {
        precondition(state == .idle, "a watch starts once")
        return version.map { watch(from: $0, random: random) } ?? list()
    }

    /// A page of the list has come.
    mutating func pageArrived(
        resourceVersion: String,
        continueToken: String?,
        at now: ContinuousClock.Instant,
        random: Double
    ) -> Action {
        guard case .listing(var list) = state else { preconditionFailure("a page came that nobody asked for") }
        succeeded(at: now)
        // All pages of a consistent list show one version. Were they not to, the first is the one that loses nothing.
        let version = list.version ?? resourceVersion
        guard let continueToken else { return watch(from: version, random: random) }
        list.version = version
        list.continueToken = continueToken
        return ask(for: list)
    }

    /// The server has accepted the watch.
    mutating func watchOpened(at now: ContinuousClock.Instant) {
        guard case .opening(let version) = state else { preconditionFailure("a watch opened that nobody asked for") }
        succeeded(at: now)
        state = .open(Stream(version: version, openedAt: now))
    }

    /// An object or a bookmark of this version has come.
    mutating func advanced(to version: String) {
        guard case .open(var stream) = state else { preconditionFailure("a frame came outside a watch") }
        // What comes again at the same version (several DELETEDs share one) is no proof of progress.
        guard stream.version != version else { return }
        stream.version = version
        stream.advanced = true
        state = .open(stream)
        mayRetryAtOnce = true
        malformedAfter = nil
    }

    /// A line has come that is no frame. The stream may be damaged, so the watch is opened again from the last good
    /// version; if the same place is bad again, the line is, and is passed over.
    ///
    /// - Returns: nil to read on.
    mutating func lineMalformed(at now: ContinuousClock.Instant, random: Double) -> Action? {
        guard case .open(let stream) = state else { preconditionFailure("a line came outside a watch") }
        guard malformedAfter != stream.version else { return nil }
        malformedAfter = stream.version
        return failed(.malformed, at: now, random: random)
    }

    /// The watch has ended cleanly, as it does after its `timeoutSeconds`.
    mutating func watchEnded(at now: ContinuousClock.Instant, random: Double) -> Action {
        guard case .open(let stream) = state else { preconditionFailure("a watch ended that was not open") }
        guard !stream.advanced, now - stream.openedAt < options.shortestEmptyWatch else {
            return watch(from: stream.version, random: random)
        }
        backoff.failed(at: now)
        return watch(from: stream.version, random: random, after: backoff.nextDelay(random: random))
    }

    /// The request, or the open stream, has failed.
    mutating func failed(_ failure: WatchFailure, at now: ContinuousClock.Instant, random: Double) -> Action {
        backoff.failed(at: now)
        let delay = delay(after: failure, random: random)
        wasUnauthorized = failure == .unauthorized
        switch state {
        case .idle:
            preconditionFailure("a request failed that was never made")
        case .listing(var page):
            // A page whose token has expired, or is not understood, ends this list: what the fresh token of a 410
            // would continue is no longer the list that was begun.
            if failure == .expired || failure == .rejected { return list(after: delay) }
            // Events can be 1.5 MB each, etcd's limit for an object: then fewer of them make a page.
            if failure == .pageTooLarge { page.limit = max(page.limit / 4, 1) }
            return ask(for: page, after: delay)
        case .opening(let version):
            return failure == .expired ? list(after: delay) : watch(from: version, random: random, after: delay)
        case .open(let stream):
            return failure == .expired ? list(after: delay) : watch(from: stream.version, random: random, after: delay)
        }
    }
}

extension WatchStateMachine {
    private mutating func succeeded(at now: ContinuousClock.Instant) {
        backoff.succeeded(at: now)
        wasUnauthorized = false
    }

    private mutating func delay(after failure: WatchFailure, random: Double) -> Duration {
        switch failure {
        case .expired, .truncated, .malformed:
            if mayRetryAtOnce {
                mayRetryAtOnce = false
                return .zero
            }
            return backoff.nextDelay(random: random)
        case .unauthorized:
            // The token has most likely been rotated; the client reads it again.
            return wasUnauthorized ? backoff.nextDelay(random: random) : .zero
        case .tooManyRequests(let retryAfter), .unavailable(let retryAfter):
            let wanted = min(retryAfter ?? .zero, options.longestRetryAfter)
            return max(wanted, backoff.nextDelay(random: random))
        case .pageTooLarge:
            if case .listing(let page) = state, page.limit > 1 { return .zero }
            return backoff.nextDelay(random: random)
        case .refused, .forbidden, .rejected:
            return backoff.nextDelay(random: random)
        }
    }

    private mutating func list(after delay: Duration = .zero) -> Action {
        ask(for: List(limit: options.pageLimit), after: delay)
    }

    private mutating func ask(for page: List, after delay: Duration = .zero) -> Action {
        state = .listing(page)
        return .list(continueToken: page.continueToken, limit: page.limit, after: delay)
    }

    private mutating func watch(from version: String, random: Double, after delay: Duration = .zero) -> Action {
        state = .opening(version: version)
        let range = options.watchSeconds
        let seconds = range.lowerBound + Int(Double(range.upperBound - range.lowerBound) * random)
        return .watch(resourceVersion: version, timeoutSeconds: seconds, after: delay)
    }
}
