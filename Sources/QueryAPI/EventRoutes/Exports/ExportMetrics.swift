internal import CoreMetrics

/// The metrics of exports.
struct ExportMetrics: Sendable {
    private let underWay: Gauge
    private let refused: Counter
    private let broken: Counter

    init(factory: any MetricsFactory) {
        underWay = Gauge(label: "exports_under_way", factory: factory)
        refused = Counter(label: "exports_refused_total", factory: factory)
        broken = Counter(label: "exports_broken_total", factory: factory)
        underWay.record(0)
    }

    func set(underWay count: Int) { underWay.record(count) }
    func countRefused() { refused.increment() }
    func countBroken() { broken.increment() }
}
