internal import Synchronization

/// How a watch is doing, for readiness and for people.
public final class WatchStatus: Sendable {
    /// What the watcher is about.
    public enum Activity: String, Sendable {
        case starting, listing, watching, waiting, stopped
    }

    /// All of it at one moment.
    public struct Snapshot: Sendable, Equatable {
        /// What the watcher is about.
        public var activity = Activity.starting
        /// The version that was last delivered to the sink; nil before the first list is complete.
        public var deliveredVersion: String?
        /// When the API server last gave a sign of life: a page, an accepted watch, or a frame.
        public var lastActivity: ContinuousClock.Instant?
        /// Why the last request failed; nil once one has succeeded since.
        public var standingError: String?
        /// Since when requests have failed without a success between them.
        public var failingSince: ContinuousClock.Instant?
        /// How many failures there were without a success between them.
        public var failures = 0
    }

    private let state: Mutex<Snapshot>

    init(resumedFrom version: String?) {
        state = Mutex(Snapshot(deliveredVersion: version))
    }

    /// How it is doing now.
    public var snapshot: Snapshot { state.withLock { $0 } }

    func set(_ activity: Activity) {
        state.withLock { $0.activity = activity }
    }

    func succeeded(_ activity: Activity, at now: ContinuousClock.Instant) {
        state.withLock { state in
            state.activity = activity
            state.lastActivity = now
            state.standingError = nil
            state.failingSince = nil
            state.failures = 0
        }
    }

    func frameArrived(at now: ContinuousClock.Instant) {
        state.withLock { $0.lastActivity = now }
    }

    func failed(_ error: String, at now: ContinuousClock.Instant) {
        state.withLock { state in
            state.standingError = error
            state.failingSince = state.failingSince ?? now
            state.failures += 1
        }
    }

    func delivered(_ version: String?) {
        guard let version else { return }
        state.withLock { $0.deliveredVersion = version }
    }
}
