import Testing

@testable import LeaderElection

@Suite("The three durations") struct LeaseTimingTests {
    private func problem(
        _ duration: Duration = .seconds(15),
        _ deadline: Duration = .seconds(10),
        _ retry: Duration = .seconds(2)
    ) -> String? {
        var timing = LeaseTiming()
        timing.duration = duration
        timing.renewDeadline = deadline
        timing.retryPeriod = retry
        do throws(LeaseTimingError) {
            try timing.validate()
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func theDefaultsAreThoseOfKubernetesAndFit() {
        let timing = LeaseTiming()
        #expect(timing.duration == .seconds(15) && timing.renewDeadline == .seconds(10))
        #expect(timing.retryPeriod == .seconds(2))
        #expect(problem() == nil)
    }

    @Test func aLeaderHasToStopBeforeAnotherBegins() {
        #expect(problem(.seconds(10))?.contains("must be shorter than the lease duration (10.0 seconds)") == true)
        #expect(problem(.seconds(11)) == nil)
    }

    @Test func thereIsTimeForASecondRenewal() {
        #expect(problem(.seconds(15), .seconds(12), .seconds(10))?.hasPrefix("the retry period (10.0 seconds)") == true)
        #expect(problem(.seconds(15), .milliseconds(12_001), .seconds(10)) == nil)
        #expect(problem(.seconds(15), .seconds(10), .zero)?.contains("give more than 0") == true)
    }

    @Test func aLeaseCountsWholeSeconds() {
        #expect(problem(.milliseconds(15_500))?.hasPrefix("the lease duration is 15.5 seconds: give whole") == true)
        #expect(problem(.zero) != nil && problem(.seconds(100_000)) != nil)
    }
}
