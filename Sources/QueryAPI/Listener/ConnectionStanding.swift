/// What a connection is at, and since when.
struct ConnectionStanding: Equatable, Sendable {
    enum Phase: UInt64, CaseIterable, Sendable {
        /// The head of a request is awaited: after the accept, or since its first byte. Goes to `answering`.
        case head
        /// A request is being answered. Goes to `idle`, to `stalled` when the client takes nothing, and to `head` when
        /// the rest of a body is still to come.
        case answering
        /// Between requests. Goes to `head`, or in HTTP/2 to `answering`.
        case idle
        /// An answer waits for a client that takes nothing. Goes to `answering`, and to `idle` when it was taken whole.
        case stalled
    }

    var phase: Phase
    /// Milliseconds of the clock that the caller reads.
    var since: UInt64

    init(_ phase: Phase, since: UInt64) { (self.phase, self.since) = (phase, since) }

    /// One word, so that it can be told without a lock at every request.
    init(packed: UInt64) {
        // Two bits have four values.
        self.init(Phase(rawValue: packed & 3)!, since: packed >> 2)
    }

    var packed: UInt64 { since << 2 | phase.rawValue }
}

/// Why a connection was closed by us.
enum CutReason: String, CaseIterable, Sendable {
    /// The head of a request did not come in time.
    case head
    /// No further request came.
    case idle
    /// The client did not take its answer.
    case unread
    /// To make room for another.
    case evicted
}

extension ListenerLimits {
    enum Verdict: Equatable {
        case keep
        /// See if the client takes what waits for it.
        case checkProgress
        case cut(CutReason)
    }

    /// What is to be done about a connection now.
    func verdict(on standing: ConnectionStanding, now: UInt64, isOverBudget: Bool) -> Verdict {
        let age = Duration.milliseconds(now > standing.since ? now - standing.since : 0)
        switch standing.phase {
        case .head: return age >= headTimeout ? .cut(.head) : .keep
        case .idle: return age >= idleTimeout ? .cut(.idle) : .keep
        case .answering: return age >= sweepInterval ? .checkProgress : .keep
        case .stalled:
            let patience = isOverBudget ? min(hastenedWriteTimeout, writeTimeout) : writeTimeout
            return age >= patience ? .cut(.unread) : .checkProgress
        }
    }

    /// Which of some connections is closed to make room for another: the one that has waited longest for a head, else the
    /// one longest without a request, else the one that has taken nothing for the longest. Never one at work.
    static func victim<ID>(
        among connections: some Sequence<(id: ID, standing: ConnectionStanding)>,
        now: UInt64
    ) -> ID? {
        var best: (id: ID, standing: ConnectionStanding)?
        for candidate in connections {
            let age = Duration.milliseconds(now > candidate.standing.since ? now - candidate.standing.since : 0)
            guard age >= evictableAfter, let rank = candidate.standing.phase.rank else { continue }
            if let best, let bestRank = best.standing.phase.rank,
                (bestRank, best.standing.since) <= (rank, candidate.standing.since)
            {
                continue
            }
            best = candidate
        }
        return best?.id
    }
}

extension ConnectionStanding.Phase {
    /// The lower, the sooner it has to go; nil for never.
    fileprivate var rank: Int? {
        switch self {
        case .head: 0
        case .idle: 1
        case .stalled: 2
        case .answering: nil
        }
    }
}
