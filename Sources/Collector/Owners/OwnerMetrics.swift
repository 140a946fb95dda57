import EventSchema
public import Metrics

/// What the recording of owners measures. The names carry no prefix: the backend adds it.
public struct OwnerMetrics: Sendable {
    private let recorded: [ObjectChain: Counter]
    private let dropped: Counter
    private let failed: Counter
    let timer: Timer

    /// - Parameter factory: the metrics backend; the process's own by default.
    public init(factory: any MetricsFactory = MetricsSystem.factory) {
        recorded = Dictionary(
            uniqueKeysWithValues: ObjectChain.allCases.map {
                ($0, Counter(label: "owners_recorded_total", dimensions: [("chain", $0.word)], factory: factory))
            }
        )
        dropped = Counter(label: "owners_dropped_total", factory: factory)
        failed = Counter(label: "requests_failed_total", dimensions: [("kind", "owner")], factory: factory)
        timer = Timer(label: "request_processing_seconds", dimensions: [("kind", "owner")], factory: factory)
    }

    func recorded(_ records: [ObjectRecord]) {
        for record in records { recorded[record.chain]?.increment() }
    }

    func dropped(_ count: Int) {
        if count > 0 { dropped.increment(by: count) }
    }

    func requestFailed() { failed.increment() }
}
