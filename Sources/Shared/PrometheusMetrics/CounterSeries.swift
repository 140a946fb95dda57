internal import CoreMetrics
internal import Synchronization

/// One counter: whole steps and fractions apart, so that whole numbers stay exact.
final class CounterSeries: CounterHandler, FloatingPointCounterHandler {
    let key: SeriesKey
    private let whole = Atomic<UInt64>(0)
    private let fraction = AtomicDouble()

    init(key: SeriesKey) {
        self.key = key
    }

    /// Negative steps are ignored: a counter never falls.
    func increment(by amount: Int64) {
        guard amount > 0 else { return }
        whole.wrappingAdd(UInt64(amount), ordering: .relaxed)
    }

    /// Negative and infinite steps and those that are no number are ignored.
    func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        fraction.add(amount)
    }

    func reset() {
        whole.store(0, ordering: .relaxed)
        fraction.store(0)
    }

    var value: MetricNumber {
        let fraction = fraction.load()
        let whole = whole.load(ordering: .relaxed)
        return fraction == 0 ? .whole(whole) : .real(Double(whole) + fraction)
    }
}
