/// How long to wait after a failure: exponential, jittered, and forgotten after a healthy while. Pure: time and chance
/// are arguments.
struct WatchBackoff: Sendable, Equatable {
    private let first: Duration
    private let longest: Duration
    private let healthyAfter: Duration
    /// Failures since things last went well for long enough.
    private var failures = 0
    /// Since when everything has gone well.
    private var healthySince: ContinuousClock.Instant?

    init(_ options: WatchOptions) {
        first = options.firstBackoff
        longest = options.longestBackoff
        healthyAfter = options.healthyAfter
    }

    /// Something went well.
    mutating func succeeded(at now: ContinuousClock.Instant) {
        if healthySince == nil { healthySince = now }
    }

    /// Something failed, whether or not it is followed by a wait.
    mutating func failed(at now: ContinuousClock.Instant) {
        if let since = healthySince, now - since >= healthyAfter { failures = 0 }
        healthySince = nil
    }

    /// The wait after this failure: from `base` to twice `base`, where `base` is `first` doubled by each failure, and
    /// at most half of `longest`. So even the longest waits of many collectors are spread.
    ///
    /// - Parameter random: in 0..<1.
    mutating func nextDelay(random: Double) -> Duration {
        // 2^20 times the first is beyond any cap; the bound keeps the shift from overflowing.
        let base = min(first * (1 << min(failures, 20)), longest / 2)
        failures += 1
        return min(base + base * random, longest)
    }
}
