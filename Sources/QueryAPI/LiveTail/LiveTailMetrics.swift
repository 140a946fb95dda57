internal import Metrics

/// Metrics of live tails; no label, so nothing that a client could invent.
struct LiveTailMetrics: Sendable {
    private let listening: Gauge
    private let lag: Gauge
    private let resets: Counter
    private let refused: Counter

    init(factory: any MetricsFactory) {
        listening = Gauge(label: "live_listeners", factory: factory)
        lag = Gauge(label: "live_feed_lag_seconds", factory: factory)
        resets = Counter(label: "live_resets_total", factory: factory)
        refused = Counter(label: "live_refused_total", factory: factory)
    }

    func listeners(_ count: Int) { listening.record(count) }

    /// How long what was committed has been waiting until it may be read; nil if nothing waits.
    func feedLag(_ waiting: Duration?) {
        let (seconds, attoseconds) = (waiting ?? .zero).components
        lag.record(Double(seconds) + Double(attoseconds) / 1e18)
    }

    func countResets(_ count: Int) { if count > 0 { resets.increment(by: count) } }
    func countRefused() { refused.increment() }
}
