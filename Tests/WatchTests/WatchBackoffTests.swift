import Testing

@testable import Watch

@Suite struct WatchBackoffTests {
    private let start = ContinuousClock.now

    private func delays(_ count: Int, random: Double) -> [Duration] {
        var backoff = WatchBackoff(WatchOptions())
        return (0..<count).map { _ in
            backoff.failed(at: start)
            return backoff.nextDelay(random: random)
        }
    }

    @Test func itGrowsFrom800MillisecondsAndStaysBelow30Seconds() {
        #expect(
            delays(8, random: 0)
                == [800, 1600, 3200, 6400, 12_800, 15_000, 15_000, 15_000].map { Duration.milliseconds($0) }
        )
        #expect(
            delays(8, random: 0.5)
                == [1200, 2400, 4800, 9600, 19_200, 22_500, 22_500, 22_500].map { Duration.milliseconds($0) }
        )
        #expect(delays(100, random: 0.999_999).allSatisfy { $0 >= .milliseconds(800) && $0 <= .seconds(30) })
    }

    @Test func twoHealthyMinutesMakeTheNextFailureTheFirst() {
        var backoff = WatchBackoff(WatchOptions())
        for _ in 0..<4 {
            backoff.failed(at: start)
            _ = backoff.nextDelay(random: 0)
        }
        // Not yet: 119 s of health, and then two minutes that were interrupted.
        backoff.succeeded(at: start + .seconds(10))
        backoff.failed(at: start + .seconds(129))
        #expect(backoff.nextDelay(random: 0) == .milliseconds(12_800))
        backoff.succeeded(at: start + .seconds(130))
        backoff.succeeded(at: start + .seconds(200))
        backoff.failed(at: start + .seconds(250))
        #expect(backoff.nextDelay(random: 0) == .milliseconds(800))
    }

    @Test func aClockThatDoesNotAdvanceIsNoHealth() {
        var backoff = WatchBackoff(WatchOptions())
        for expected in [800, 1600, 3200] {
            backoff.succeeded(at: start)
            backoff.failed(at: start)
            #expect(backoff.nextDelay(random: 0) == .milliseconds(expected))
        }
    }
}
