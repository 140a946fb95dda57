internal import KubernetesAPI

/// Decides who leads. It asks for nothing itself, reads no clock and throws no dice.
///
/// The rules are client-go's (`tools/leaderelection/leaderelection.go`): a lease is taken when nobody holds it, when we
/// do, or when it has not been renewed for its duration since *we* first saw it as it is, by our own clock: the clocks
/// of others are never compared. Stricter than client-go in two points: a leader that finds somebody else's name on the
/// lease stops at once, and a renewal counts from when it was asked for, not from when the answer came.
struct LeaderElectionStateMachine: Sendable {
    private enum State: Sendable, Equatable {
        /// Somebody else leads, or nobody. → leading, releasing, over
        case standby
        /// The lease is ours; it was last renewed then. → standby, releasing, over
        case leading(renewedAt: ContinuousClock.Instant)
        /// It is being given back. → over
        case releasing(tries: Int)
        /// Nothing is asked for any more.
        case over
    }

    /// What was asked for and is not answered yet.
    private enum Request: Sendable, Equatable {
        case none
        case reading
        /// - Parameter isFirst: it relies on the lease as it was last seen, and was not just read.
        case writing(since: ContinuousClock.Instant, isFirst: Bool)
    }

    private struct Observation: Sendable {
        var lease: Lease
        /// When it was first seen as it is.
        var since: ContinuousClock.Instant
    }

    /// What is to be done next.
    enum Action: Sendable, Equatable {
        case read
        case create(Lease)
        case update(Lease)
        /// Nothing for so long; then `due`.
        case wait(Duration)
        /// Nothing any more.
        case stop
    }

    /// Why a request failed.
    enum Failure: Sendable, Equatable {
        /// 409 of either kind: somebody else was quicker.
        case conflict
        /// 404 to an update: the lease was deleted.
        case notFound
        /// Whatever else; it may have been done nevertheless.
        case other
    }

    /// How often a release is tried over when the lease has changed under it.
    private static let releaseTries = 2

    private let namespace: String
    private let name: String
    private let identity: String
    private let timing: LeaseTiming
    private var state = State.standby
    private var request = Request.none
    /// A write has failed, and may have been done nevertheless: the lease is to be read before it is relied upon.
    private var isUncertain = false
    private var observation: Observation?

    /// - Parameter identity: of this process, and of no other.
    init(namespace: String, name: String, identity: String, timing: LeaseTiming) {
        self.namespace = namespace
        self.name = name
        self.identity = identity
        self.timing = timing
    }

    /// When leading ends unless the lease is renewed; nil if we do not lead.
    var leadsUntil: ContinuousClock.Instant? {
        if case .leading(let renewedAt) = state { renewedAt + timing.renewDeadline } else { nil }
    }

    /// Who was last seen to hold the lease; nil if nobody was.
    var holder: String? {
        guard let holder = observation?.lease.holderIdentity, !holder.isEmpty else { return nil }
        return holder
    }
}

extension LeaderElectionStateMachine {
    /// It is time for a try.
    mutating func due(at now: ContinuousClock.Instant, wallClock: MicroTime) -> Action {
        _ = deadlinePassed(at: now)
        switch state {
        case .standby, .releasing:
            request = .reading
            return .read
        case .leading:
            if isUncertain {
                request = .reading
                return .read
            }
            // Optimistically: as a rule nobody has touched it since.
            guard let lease = observation?.lease else {
                request = .reading
                return .read
            }
            return write(.update(taken(lease, at: wallClock)), at: now, isFirst: true)
        case .over:
            return .stop
        }
    }

    /// The lease was read; nil if there is none.
    ///
    /// - Parameter random: in 0..<1.
    mutating func found(
        _ lease: Lease?,
        at now: ContinuousClock.Instant,
        wallClock: MicroTime,
        random: Double
    ) -> Action {
        request = .none
        isUncertain = false
        _ = deadlinePassed(at: now)
        observe(lease, at: now)
        switch state {
        case .standby:
            guard let lease else { return write(.create(created(at: wallClock)), at: now, isFirst: false) }
            if let holder, holder != identity, !isExpired(at: now) { return wait(random) }
            return write(.update(taken(lease, at: wallClock)), at: now, isFirst: false)
        case .leading:
            guard let lease else { return write(.create(created(at: wallClock)), at: now, isFirst: false) }
            guard holder == identity else {
                // Whoever did that had a reason, and may lead by now.
                state = .standby
                return wait(random)
            }
            return write(.update(taken(lease, at: wallClock)), at: now, isFirst: false)
        case .releasing:
            guard let lease, holder == identity else { return end() }
            return write(.update(released(lease, at: wallClock)), at: now, isFirst: false)
        case .over:
            return .stop
        }
    }

    /// The lease was created or updated, and is now as given.
    mutating func written(_ lease: Lease, at now: ContinuousClock.Instant) -> Action {
        guard case .writing(let since, _) = request else { preconditionFailure("nothing was written") }
        request = .none
        isUncertain = false
        observation = Observation(lease: lease, since: now)
        switch state {
        case .standby, .leading:
            state = .leading(renewedAt: since)
            // If the answer came too late there is nothing to lead any more.
            _ = deadlinePassed(at: now)
            return .wait(timing.retryPeriod)
        case .releasing, .over:
            return end()
        }
    }

    /// What was asked for last has failed.
    mutating func failed(_ failure: Failure, at now: ContinuousClock.Instant, random: Double) -> Action {
        let failed = request
        request = .none
        if failed != .none && failed != .reading && failure == .other { isUncertain = true }
        _ = deadlinePassed(at: now)
        switch state {
        case .standby:
            return wait(random)
        case .leading:
            guard case .writing(_, isFirst: true) = failed, failure != .other else {
                return .wait(timing.retryPeriod)
            }
            request = .reading
            return .read
        case .releasing(let tries):
            guard failure == .conflict, tries < Self.releaseTries else { return end() }
            state = .releasing(tries: tries + 1)
            request = .reading
            return .read
        case .over:
            return .stop
        }
    }

    /// Ends leading if its time is over.
    ///
    /// - Returns: whether we do not lead, or not any more.
    mutating func deadlinePassed(at now: ContinuousClock.Instant) -> Bool {
        guard let leadsUntil else { return true }
        guard now >= leadsUntil else { return false }
        state = .standby
        return true
    }

    /// Gives the lease back, if it is or may be ours, so that another need not wait until it expires. The same record
    /// as client-go's `ReleaseOnCancel` writes.
    mutating func release(at now: ContinuousClock.Instant, wallClock: MicroTime) -> Action {
        // A write that was cut off by the end is as uncertain as one that failed.
        let isUncertain = isUncertain || request != .none && request != .reading
        switch state {
        case .leading:
            state = .releasing(tries: 0)
            guard !isUncertain, let lease = observation?.lease else { break }
            return write(.update(released(lease, at: wallClock)), at: now, isFirst: false)
        case .standby:
            guard isUncertain || holder == identity else { return end() }
            state = .releasing(tries: 0)
        case .releasing: break
        case .over: return .stop
        }
        request = .reading
        return .read
    }
}

extension LeaderElectionStateMachine {
    private mutating func write(_ action: Action, at now: ContinuousClock.Instant, isFirst: Bool) -> Action {
        request = .writing(since: now, isFirst: isFirst)
        return action
    }

    private func wait(_ random: Double) -> Action {
        .wait(timing.retryPeriod * (1 + LeaseTiming.jitterFactor * random))
    }

    private mutating func end() -> Action {
        state = .over
        request = .none
        return .stop
    }

    /// What others do to the labels of a lease renews nothing, so only the record counts.
    private mutating func observe(_ lease: Lease?, at now: ContinuousClock.Instant) {
        guard let lease else { return observation = nil }
        let isSame = observation.map { $0.lease.isSameRecord(as: lease) } ?? false
        observation = Observation(lease: lease, since: isSame ? observation?.since ?? now : now)
    }

    private func isExpired(at now: ContinuousClock.Instant) -> Bool {
        guard let observation else { return true }
        return observation.since + .seconds(max(observation.lease.leaseDurationSeconds ?? 0, 0)) <= now
    }

    private func created(at wallClock: MicroTime) -> Lease {
        var lease = taken(Lease(namespace: namespace, name: name), at: wallClock)
        lease.leaseTransitions = 0
        return lease
    }

    private func taken(_ old: Lease, at wallClock: MicroTime) -> Lease {
        var lease = old
        if old.holderIdentity != identity {
            lease.holderIdentity = identity
            lease.acquireTime = wallClock
            // The API has 32 bits for it.
            lease.leaseTransitions = min(max(old.leaseTransitions ?? 0, 0), Int(Int32.max) - 1) + 1
        }
        lease.acquireTime = lease.acquireTime ?? wallClock
        lease.renewTime = wallClock
        lease.leaseDurationSeconds = timing.wholeSeconds
        return lease
    }

    private func released(_ old: Lease, at wallClock: MicroTime) -> Lease {
        var lease = old
        lease.holderIdentity = ""
        lease.leaseDurationSeconds = 1
        lease.acquireTime = wallClock
        lease.renewTime = wallClock
        return lease
    }
}

extension Lease {
    fileprivate func isSameRecord(as other: Lease) -> Bool {
        holderIdentity == other.holderIdentity && leaseDurationSeconds == other.leaseDurationSeconds
            && acquireTime == other.acquireTime && renewTime == other.renewTime
            && leaseTransitions == other.leaseTransitions
    }
}
