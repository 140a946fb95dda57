/// The three durations of a leader election, as Kubernetes' own components have them.
///
/// Source: client-go `tools/leaderelection`, and its defaults in kube-controller-manager.
public struct LeaseTiming: Sendable, Equatable {
    /// How long others wait, from the last renewal that they saw, before they take the lease. Whole seconds, 1 or more,
    /// since that is how a Lease counts.
    public var duration: Duration = .seconds(15)
    /// How long the leader tries to renew before it stops leading. Less than `duration`.
    public var renewDeadline: Duration = .seconds(10)
    /// How long everyone waits between two tries, at least. Less than `renewDeadline` even with jitter on top.
    public var retryPeriod: Duration = .seconds(2)

    /// 15 s, 10 s and 2 s.
    public init() {}

    /// How much longer than `retryPeriod` a wait of the campaign may be: up to 1 + 1.2 times it, so that those who wait
    /// for the same lease do not all ask at once. client-go's `JitterFactor`.
    static let jitterFactor = 1.2

    /// For one request. Half of the deadline, as in kube-controller-manager, so that one that hangs leaves time for
    /// another.
    var requestTimeout: Duration { renewDeadline / 2 }

    var wholeSeconds: Int { Int(duration.components.seconds) }

    /// Sees to it that a leader stops before another begins.
    ///
    /// - Throws: `LeaseTimingError` that names what does not fit.
    public func validate() throws(LeaseTimingError) {
        guard duration >= .seconds(1), duration <= .seconds(86_400), duration.components.attoseconds == 0 else {
            throw LeaseTimingError("the lease duration is \(duration): give whole seconds, from 1 s to a day")
        }
        guard renewDeadline < duration else {
            throw LeaseTimingError(
                "the renew deadline (\(renewDeadline)) must be shorter than the lease duration (\(duration)), "
                    + "or a second leader begins before the first has stopped"
            )
        }
        guard retryPeriod > .zero else {
            throw LeaseTimingError("the retry period is \(retryPeriod): give more than 0")
        }
        guard retryPeriod * Self.jitterFactor < renewDeadline else {
            throw LeaseTimingError(
                "the retry period (\(retryPeriod)) times \(Self.jitterFactor) must be shorter than the renew deadline "
                    + "(\(renewDeadline)), or one renewal that fails ends the leadership"
            )
        }
    }
}

/// Durations that make no leader election.
public struct LeaseTimingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Which one, its value, and what it must be.
    public let problem: String

    init(_ problem: String) {
        self.problem = problem
    }

    /// The problem.
    public var description: String { problem }
}
