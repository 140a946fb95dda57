public import Coverage
internal import Synchronization

/// How a watch is doing, for readiness, liveness and people. Made before the watcher that tells of itself in it, and
/// handed from one watcher to the next of the same namespace.
public final class WatchStatus: Sendable {
    /// What the watcher is about.
    public enum Activity: String, Sendable {
        case starting, listing, comparing, watching, waiting, stopped
    }

    /// All of it at one moment.
    public struct Snapshot: Sendable, Equatable {
        /// What the watcher is about.
        public var activity = Activity.starting
        /// What was last delivered to the sink, or what the watcher resumed from; nil before the first list is
        /// complete.
        public var position: WatchPosition?
        /// Whether the watcher waits because the sink has not taken yet what was gathered.
        public var isHeldBack = false
        /// When the watcher last did anything at all: asked, got an answer, a frame or a notice of silence, woke from
        /// a wait. While it runs and is not held back, the longest time between two steps is the longest wait
        /// (`WatchOptions.longestRetryAfter`) or the longest answer; a watch that is open makes one at least every
        /// 5 s. Means nothing before the watcher runs and after it has stopped.
        public var lastStep: ContinuousClock.Instant
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

    /// Of a watcher that does not run yet.
    public init() {
        state = Mutex(Snapshot(lastStep: .now))
    }

    /// How it is doing now.
    public var snapshot: Snapshot { state.withLock { $0 } }

    func begin(from position: WatchPosition?, at now: ContinuousClock.Instant) {
        state.withLock { $0 = Snapshot(position: position, lastStep: now) }
    }

    func set(_ activity: Activity, at now: ContinuousClock.Instant) {
        state.withLock { state in
            state.activity = activity
            state.lastStep = now
        }
    }

    func succeeded(_ activity: Activity, at now: ContinuousClock.Instant) {
        state.withLock { state in
            state.activity = activity
            state.succeed(at: now)
        }
    }

    /// A frame came, which also makes up for a check of the same watch that failed.
    func frameArrived(at now: ContinuousClock.Instant) {
        state.withLock { $0.succeed(at: now) }
    }

    func silenceNoticed(at now: ContinuousClock.Instant) {
        state.withLock { $0.lastStep = now }
    }

    func setHeldBack(_ isHeldBack: Bool, at now: ContinuousClock.Instant) {
        state.withLock { state in
            state.isHeldBack = isHeldBack
            state.lastStep = now
        }
    }

    func failed(_ error: String, at now: ContinuousClock.Instant) {
        state.withLock { state in
            state.lastStep = now
            state.standingError = error
            state.failingSince = state.failingSince ?? now
            state.failures += 1
        }
    }

    func delivered(_ position: WatchPosition?) {
        guard let position else { return }
        state.withLock { $0.position = position }
    }
}

extension WatchStatus.Snapshot {
    fileprivate mutating func succeed(at now: ContinuousClock.Instant) {
        lastStep = now
        lastActivity = now
        standingError = nil
        failingSince = nil
        failures = 0
    }
}
