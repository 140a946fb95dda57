import Testing

@testable import KubernetesAPI

@Suite("When an exec plugin is run") struct PluginScheduleTests {
    private let start = ContinuousClock.now
    private let first = ExecCredential(token: "first")
    private let second = ExecCredential(token: "second")
    private let error = CredentialsError(problem: "failed", isTransient: true)

    private func ran(_ lifetime: Duration?) -> PluginSchedule {
        var schedule = PluginSchedule()
        #expect(schedule.wanted(at: start) == .run)
        schedule.succeeded(first, lifetime: lifetime, at: start)
        return schedule
    }

    @Test func itIsRunOnceAndAllOthersWaitForIt() {
        var schedule = PluginSchedule()
        #expect(schedule.wanted(at: start) == .run)
        #expect(schedule.wanted(at: start) == .wait)
        schedule.succeeded(first, lifetime: nil, at: start)
        #expect(schedule.wanted(at: start + .seconds(1_000_000)) == .use(first, generation: 1))
    }

    @Test func aCredentialIsRenewedShortlyBeforeItExpires() {
        var schedule = ran(.seconds(100))
        #expect(schedule.wanted(at: start + .seconds(89)) == .use(first, generation: 1))
        #expect(schedule.wanted(at: start + .seconds(90)) == .run)
        #expect(schedule.wanted(at: start + .seconds(90)) == .wait)
    }

    @Test func aRenewalThatFailsLeavesWhatIsStillGood() {
        var schedule = ran(.seconds(100))
        #expect(schedule.wanted(at: start + .seconds(92)) == .run)
        schedule.failed(error, at: start + .seconds(93))
        #expect(schedule.wanted(at: start + .seconds(94)) == .use(first, generation: 1))
        #expect(schedule.wanted(at: start + .seconds(98)) == .run)
        schedule.failed(error, at: start + .seconds(101))
        #expect(schedule.wanted(at: start + .seconds(102)) == .refuse(error))
        #expect(schedule.wanted(at: start + .seconds(106)) == .run)
    }

    @Test func whatExpiresAtOnceIsUsedButNotAskedForAllTheTime() {
        var schedule = ran(.seconds(-5))
        #expect(schedule.wanted(at: start + .seconds(4)) == .use(first, generation: 1))
        #expect(schedule.wanted(at: start + .seconds(5)) == .run)
    }

    @Test func a401RunsItAgainButNotAtOnceTwice() {
        var schedule = ran(nil)
        schedule.refused(generation: 1)
        #expect(schedule.wanted(at: start + .seconds(4)) == .use(first, generation: 1))
        #expect(schedule.wanted(at: start + .seconds(5)) == .run)
        schedule.succeeded(second, lifetime: nil, at: start + .seconds(5))
        // Of a request that was sent before.
        schedule.refused(generation: 1)
        #expect(schedule.wanted(at: start + .seconds(50)) == .use(second, generation: 2))
    }

    @Test func whatWasRefusedIsNotUsedWhenItCannotBeRenewed() {
        var schedule = ran(.seconds(1000))
        schedule.refused(generation: 1)
        #expect(schedule.wanted(at: start + .seconds(6)) == .run)
        schedule.failed(error, at: start + .seconds(6))
        #expect(schedule.wanted(at: start + .seconds(7)) == .refuse(error))
    }

    @Test func afterNobodyWaitedItIsRunAtOnce() {
        var schedule = PluginSchedule()
        #expect(schedule.wanted(at: start) == .run)
        schedule.abandoned()
        #expect(schedule.wanted(at: start) == .run)
    }
}
