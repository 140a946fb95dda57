import KubernetesAPI

@testable import LeaderElection

/// A contender with its own clock, and what it was told to do.
struct Contender {
    var machine: LeaderElectionStateMachine
    /// Seconds by its own clock, which nobody else knows.
    var now: ContinuousClock.Instant
    let identity: String

    init(_ identity: String, now: ContinuousClock.Instant = .now) {
        var timing = LeaseTiming()
        timing.duration = .seconds(15)
        machine = LeaderElectionStateMachine(namespace: "kee", name: "collector", identity: identity, timing: timing)
        self.now = now
        self.identity = identity
    }

    /// The clock on its wall, which may be anything.
    var wall = MicroTime(microseconds: 1_000_000)
    var leads: Bool { machine.leadsUntil != nil }

    mutating func pass(_ seconds: Int) {
        now += .seconds(seconds)
        wall.microseconds += Int64(seconds) * 1_000_000
    }

    mutating func due() -> LeaderElectionStateMachine.Action { machine.due(at: now, wallClock: wall) }
    mutating func found(_ lease: Lease?, random: Double = 0) -> LeaderElectionStateMachine.Action {
        machine.found(lease, at: now, wallClock: wall, random: random)
    }
    mutating func written(_ lease: Lease) -> LeaderElectionStateMachine.Action { machine.written(lease, at: now) }
    mutating func failed(
        _ failure: LeaderElectionStateMachine.Failure,
        random: Double = 0
    ) -> LeaderElectionStateMachine.Action {
        machine.failed(failure, at: now, random: random)
    }
    mutating func release() -> LeaderElectionStateMachine.Action { machine.release(at: now, wallClock: wall) }
}

/// What an API server does with leases, as far as these tests go.
struct Store {
    var lease: Lease?
    var version = 0

    /// Plays a whole try of somebody against the store. Returns how long it is told to wait, nil when told to stop.
    mutating func serve(_ contender: inout Contender, _ first: LeaderElectionStateMachine.Action) -> Duration? {
        var action = first
        while true {
            switch action {
            case .read: action = contender.found(lease)
            case .create(let new): action = write(new, allowed: lease == nil, &contender)
            case .update(let new):
                action = write(new, allowed: lease?.resourceVersion == new.resourceVersion, &contender)
            case .wait(let duration): return duration
            case .stop: return nil
            }
        }
    }

    private mutating func write(
        _ new: Lease,
        allowed: Bool,
        _ contender: inout Contender
    ) -> LeaderElectionStateMachine.Action {
        guard allowed else { return contender.failed(.conflict) }
        version += 1
        var new = new
        new.resourceVersion = String(version)
        lease = new
        return contender.written(new)
    }

    @discardableResult
    mutating func turn(_ contender: inout Contender) -> Duration? { serve(&contender, contender.due()) }
}

/// Steele et al., "Fast splittable pseudorandom number generators".
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
