internal import Synchronization

/// Who leads, for readiness and for people.
public final class LeaderStatus: Sendable {
    /// All of it at one moment.
    public struct Snapshot: Sendable, Equatable {
        /// Whether this process leads.
        public var isLeading = false
        /// Who was last seen to hold the lease; nil if nobody was.
        public var holder: String?
        /// Since when `isLeading` is what it is; nil before the first try.
        public var since: ContinuousClock.Instant?
        /// Why the last request for the lease failed; nil once one has succeeded since. That somebody else was quicker
        /// is no failure.
        public var standingError: String?
        /// Since when requests have failed without a success between them.
        public var failingSince: ContinuousClock.Instant?
    }

    private let state = Mutex(Snapshot())

    /// Nobody leads yet.
    public init() {}

    /// How it is now.
    public var snapshot: Snapshot { state.withLock { $0 } }

    /// - Returns: what has changed.
    func set(isLeading: Bool, holder: String?, at now: ContinuousClock.Instant) -> (leading: Bool, holder: Bool) {
        state.withLock { state in
            let change = (leading: state.isLeading != isLeading, holder: state.holder != holder)
            if change.leading || state.since == nil { state.since = now }
            state.isLeading = isLeading
            state.holder = holder
            return change
        }
    }

    /// The election is over for this process; what it could not do about its lease is no standing error any more.
    func ended() { succeeded() }

    func succeeded() {
        state.withLock { state in
            state.standingError = nil
            state.failingSince = nil
        }
    }

    /// - Returns: whether this error is news.
    func failed(_ error: String, at now: ContinuousClock.Instant) -> Bool {
        state.withLock { state in
            defer {
                state.standingError = error
                state.failingSince = state.failingSince ?? now
            }
            return state.standingError != error
        }
    }
}
