internal import CoreMetrics

/// One gauge: the last value set.
final class GaugeSeries: MeterHandler, RecorderHandler {
    let key: SeriesKey
    private let current = AtomicDouble()

    init(key: SeriesKey) {
        self.key = key
    }

    func set(_ value: Int64) { current.store(Double(value)) }
    func set(_ value: Double) { current.store(value) }
    func increment(by amount: Double) { current.add(amount) }
    func decrement(by amount: Double) { current.add(-amount) }
    func record(_ value: Int64) { current.store(Double(value)) }
    func record(_ value: Double) { current.store(value) }

    var value: MetricNumber { .real(current.load()) }
}
