/// When the next request may be sent: so many a second, a few of them at once, and none for a while after the API server
/// had no answer.
struct RequestPace {
    private let interval: Duration
    private let burst: Duration
    private var next: ContinuousClock.Instant?
    private var failures = 0

    /// - Parameters:
    ///   - perSecond: requests a second, above 0.
    ///   - burst: how many may go at once after a pause.
    init(perSecond: Double, burst: Int) {
        interval = .seconds(1) / perSecond
        self.burst = interval * max(0, burst - 1)
    }

    /// How long to wait before the next request; its turn is taken.
    mutating func turn(at now: ContinuousClock.Instant) -> Duration {
        let start = max(next ?? now - burst, now - burst)
        next = start + interval
        return max(.zero, start - now)
    }

    mutating func succeeded() { failures = 0 }

    /// - Parameter retryAfter: for how long the server wants to be left alone, where it says so.
    mutating func failed(at now: ContinuousClock.Instant, retryAfter: Duration?) {
        failures = min(failures + 1, 6)
        // 1 s, 2 s, ... 30 s.
        let pause = max(retryAfter ?? .zero, .milliseconds(500) * (1 << failures))
        next = max(next ?? now, now + min(pause, Self.longestPause))
    }

    static let longestPause = Duration.seconds(30)
}
