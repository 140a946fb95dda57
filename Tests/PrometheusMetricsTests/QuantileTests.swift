import CoreMetrics
import Testing

@testable import PrometheusMetrics

@Suite struct QuantileTests {
    let start = ContinuousClock.now

    func after(_ seconds: Double) -> ContinuousClock.Instant { start.advanced(by: .seconds(seconds)) }

    @Test(arguments: [1e-6, 1e-3, 0.3, 17, 4096, 1e9, 1e10])
    func quantilesLieWithinThreePercent(scale: Double) {
        var window = QuantileWindow(start: start)
        for number in 1...1000 { window.record(Double((number * 7919) % 1000 + 1) * scale, at: start) }
        for (quantile, rank) in [(0.0, 1.0), (0.5, 500), (0.9, 900), (0.99, 990), (1, 1000)] {
            let told = window.quantiles([quantile], at: start)[0]
            #expect(abs(told / (rank * scale) - 1) <= 1 / 32, "\(quantile): \(told)")
        }
    }

    @Test func oneValueIsToldExactly() {
        var window = QuantileWindow(start: start)
        window.record(0.123456, at: start)
        #expect(window.quantiles([0, 0.5, 1], at: start) == [0.123456, 0.123456, 0.123456])
    }

    @Test func noValueIsNoNumber() {
        var window = QuantileWindow(start: start)
        #expect(window.quantiles([0.5], at: start)[0].isNaN)
    }

    @Test func zeroNegativeAndHugeValuesCount() {
        var window = QuantileWindow(start: start)
        for value in [-5, 0, 1e-9, 3, 1e300] { window.record(value, at: start) }
        let told = window.quantiles([0.2, 0.8, 1], at: start)
        #expect(told[0] == -5)
        #expect(abs(told[1] / 3 - 1) <= 1 / 32)
        #expect(told[2] > 1e13)
    }

    @Test func valuesAreForgottenAfterEightToTenMinutes() {
        var window = QuantileWindow(start: start)
        window.record(100, at: after(1))
        for minute in 1...7 { window.record(1, at: after(Double(minute) * 60)) }
        #expect(window.quantiles([1], at: after(479)) == [100])
        #expect(window.quantiles([1], at: after(600)) == [1])
        #expect(window.quantiles([1], at: after(3600))[0].isNaN)
        window.record(7, at: after(1e9))
        #expect(window.quantiles([0.5], at: after(1e9)) == [7])
    }

    @Test func aClockThatGoesBackForgetsNothing() {
        var window = QuantileWindow(start: start)
        window.record(1, at: after(300))
        window.record(2, at: after(-1e6))
        window.record(3, at: after(301))
        #expect(window.quantiles([0, 1], at: start).map { $0.rounded() } == [1, 3])
    }

    @Test func theSummaryForgetsQuantilesButNotTheCount() {
        let clock = HandClock(start)
        let registry = PrometheusRegistry(now: { clock.now })
        let timer = registry.makeTimer(label: "wait_seconds", dimensions: [])
        timer.recordNanoseconds(2_000_000_000)
        clock.advance(by: .seconds(3600))
        let samples = registry.samples
        #expect(samples.contains(#"kee_wait_seconds{quantile="0.5"} NaN"#))
        #expect(samples.contains("kee_wait_seconds_sum 2"))
        #expect(samples.contains("kee_wait_seconds_count 1"))
    }

    @Test func whatIsNoNumberSpoilsNothing() {
        let registry = PrometheusRegistry()
        let recorder = registry.makeRecorder(label: "size", dimensions: [], aggregate: true)
        for value in [1.0, Double.nan, .infinity, -.infinity] { recorder.record(value) }
        #expect(registry.samples.contains("kee_size_sum 1"))
        #expect(registry.samples.contains("kee_size_count 1"))
    }

    @Test func recordingIsCheap() {
        // Below 0.1 µs when optimised; here only that nothing grows with the number of values.
        let timer = PrometheusRegistry().makeTimer(label: "wait", dimensions: [])
        let elapsed = ContinuousClock().measure {
            for number in 0..<20_000 { timer.recordNanoseconds(Int64(number) * 1000) }
        }
        #expect(elapsed / 20_000 < .microseconds(200))
    }
}
