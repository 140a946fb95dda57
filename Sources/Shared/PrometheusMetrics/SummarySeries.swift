internal import CoreMetrics
internal import Synchronization

/// One summary: count and sum since the start, quantiles of the last minutes.
///
/// The lock is held for some tens of nanoseconds when recording, and for some microseconds when scraped.
final class SummarySeries: TimerHandler, RecorderHandler {
    static let quantiles = [0.5, 0.9, 0.99]

    let key: SeriesKey
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state: Mutex<State>

    private struct State {
        var count: UInt64 = 0
        var sum = 0.0
        var window: QuantileWindow
    }

    init(key: SeriesKey, now: @escaping @Sendable () -> ContinuousClock.Instant) {
        self.key = key
        self.now = now
        state = Mutex(State(window: QuantileWindow(start: now())))
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
    func record(_ value: Int64) { record(Double(value)) }

    /// Infinite values and those that are no number are ignored: they would spoil the sum for good.
    func record(_ value: Double) {
        guard value.isFinite else { return }
        let now = now()
        state.withLock {
            $0.count += 1
            $0.sum += value
            $0.window.record(value, at: now)
        }
    }

    var value: SummaryValue {
        let now = now()
        return state.withLock {
            SummaryValue(count: $0.count, sum: $0.sum, quantiles: $0.window.quantiles(Self.quantiles, at: now))
        }
    }
}

/// What a summary tells at one moment; quantiles in the order of `SummarySeries.quantiles`, NaN without values.
struct SummaryValue: Sendable, Equatable {
    let count: UInt64
    let sum: Double
    let quantiles: [Double]
}
