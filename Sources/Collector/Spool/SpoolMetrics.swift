public import Metrics

/// What a spool counts and shows. The names carry no prefix: the backend adds it.
public struct SpoolMetrics: Sendable {
    private let bytes: Gauge
    private let records: Gauge
    private let appendedRecords: Counter
    private let drainedRecords: Counter
    private let corruptBytes: Counter

    /// - Parameter factory: the metrics backend; the process's own by default.
    public init(factory: any MetricsFactory = MetricsSystem.factory) {
        bytes = Gauge(label: "spool_bytes", factory: factory)
        records = Gauge(label: "spool_records", factory: factory)
        appendedRecords = Counter(label: "spool_appended_total", factory: factory)
        drainedRecords = Counter(label: "spool_drained_total", factory: factory)
        corruptBytes = Counter(label: "spool_corrupt_bytes_total", factory: factory)
    }

    func show(_ status: SpoolStatus) {
        bytes.record(status.bytes)
        records.record(status.records)
    }

    func appended(_ records: Int) { appendedRecords.increment(by: records) }

    func drained(_ records: Int) { drainedRecords.increment(by: records) }

    func corrupt(_ bytes: Int) { corruptBytes.increment(by: bytes) }
}
