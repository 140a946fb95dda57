/// The three durations of a leader election, as Kubernetes' own components have them.
///
/// Source: client-go `tools/leaderelection`, and its defaults in kube-controller-manager.
public struct LeaseTiming: Sendable, Equatable {
    /// How long others wait, from the last renewal that they saw, before they take the lease.
    public var duration: Duration = .seconds(15)
    /// How long the leader tries to renew before it stops leading. Less than `duration`.
    public var renewDeadline: Duration = .seconds(10)
    /// How long everyone waits between two tries. Less than `renewDeadline`.
    public var retryPeriod: Duration = .seconds(2)

    /// 15 s, 10 s and 2 s.
    public init() {}
}
