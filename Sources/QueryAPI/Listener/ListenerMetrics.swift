internal import CoreMetrics

/// What a listener tells of its connections.
final class ListenerMetrics: Sendable {
    private let connections: Gauge
    private let unsentBytes: Gauge
    private let cut: [CutReason: Counter]
    private let refused: [ConnectionBook.RefusalReason: Counter]
    private let acceptErrors: Counter

    init(factory: any MetricsFactory) {
        connections = Gauge(label: "connections", factory: factory)
        unsentBytes = Gauge(label: "unsent_bytes", factory: factory)
        acceptErrors = Counter(label: "accept_errors_total", factory: factory)
        cut = Dictionary(
            uniqueKeysWithValues: CutReason.allCases.map {
                let labels = [("reason", $0.rawValue)]
                return ($0, Counter(label: "connections_cut_total", dimensions: labels, factory: factory))
            }
        )
        refused = Dictionary(
            uniqueKeysWithValues: ConnectionBook.RefusalReason.allCases.map {
                let labels = [("bound", $0.rawValue)]
                return ($0, Counter(label: "connections_refused_total", dimensions: labels, factory: factory))
            }
        )
    }

    func record(connections count: Int, unsentBytes bytes: Int) {
        connections.record(count)
        unsentBytes.record(bytes)
    }

    func countCut(_ reason: CutReason) { cut[reason]?.increment() }
    func countRefused(_ reason: ConnectionBook.RefusalReason) { refused[reason]?.increment() }
    func countAcceptError() { acceptErrors.increment() }
}
