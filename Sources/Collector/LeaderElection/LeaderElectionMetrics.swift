public import Metrics

/// What a leader election measures. The names carry no prefix: the backend adds it.
public struct LeaderElectionMetrics: Sendable {
    /// 1 while this process leads.
    private let leader: Gauge
    /// How often this process has begun or ceased to lead.
    private let transitions: Counter

    /// - Parameter factory: the metrics backend; the process's own by default.
    public init(factory: any MetricsFactory = MetricsSystem.factory) {
        leader = Gauge(label: "leader", factory: factory)
        transitions = Counter(label: "leader_transitions_total", factory: factory)
        leader.record(0)
    }

    func changed(isLeading: Bool) {
        leader.record(isLeading ? 1 : 0)
        transitions.increment()
    }
}
