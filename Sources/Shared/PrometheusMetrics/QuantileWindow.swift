/// Quantiles of the values of the last 8 to 10 minutes: five histograms of two minutes each, the oldest of which is
/// emptied and used anew. Bounded: 21 kB at most, some 4 kB with the values of a usual timer.
///
/// Time is an argument; a clock that goes back counts as one that stands still.
struct QuantileWindow: Sendable {
    static let slices = 5
    static let slice: Duration = .seconds(120)

    private var histograms = [LogLinearHistogram](repeating: LogLinearHistogram(), count: slices)
    private var current = 0
    private var currentEnds: ContinuousClock.Instant

    init(start: ContinuousClock.Instant) {
        currentEnds = start.advanced(by: Self.slice)
    }

    mutating func record(_ value: Double, at now: ContinuousClock.Instant) {
        advance(to: now)
        histograms[current].record(value)
    }

    /// The value below which the fraction `q` (rising, 0 to 1) of the values lies, by nearest rank; NaN without values.
    mutating func quantiles(_ fractions: [Double], at now: ContinuousClock.Instant) -> [Double] {
        advance(to: now)
        let total = histograms.reduce(UInt64(0)) { $0 + $1.total }
        guard total > 0 else { return fractions.map { _ in .nan } }
        let ranks = fractions.map { max(1, UInt64(($0 * Double(total)).rounded(.up))) - 1 }
        return LogLinearHistogram.values(atRanks: ranks, in: histograms)
    }

    private mutating func advance(to now: ContinuousClock.Instant) {
        guard now >= currentEnds else { return }
        let passed = Int(currentEnds.duration(to: now).attoseconds / Self.slice.attoseconds) + 1
        for _ in 0..<min(passed, Self.slices) {
            current = (current + 1) % Self.slices
            histograms[current].removeAll()
        }
        currentEnds = currentEnds.advanced(by: Self.slice * passed)
    }
}
