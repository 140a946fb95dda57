import Coverage
import Testing

@testable import Watch

/// A watch that brings nothing: quiet, or dead?
extension WatchStateMachineTests {
    @Test func after45SecondsOfSilenceASecondWatchIsOpenedFromTheSameVersion() {
        let story = WatchStory.watching()
        story.pass(.seconds(44))
        #expect(!story.silent())
        story.pass(.seconds(1))
        #expect(story.silent())
        #expect(story.asked() == [.watch("12")])
        #expect(story.machine.keepsWatch)
        story.open()
        #expect(story.machine.keepsWatch)
        // It brings what the first did not.
        story.frame("13")
        #expect(story.version == "13" && story.until == 1041)
    }

    @Test func aFrameBeginsTheSilenceAnew() {
        let story = WatchStory.quiet()
        story.pass(.seconds(40))
        story.frame("11")
        story.pass(.seconds(44))
        #expect(!story.silent())
    }

    @Test func aWatchThatStaysSilentCoversUntilItWasOpened() {
        let story = WatchStory.checking()
        #expect(story.until == 1001)
        story.pass(.seconds(2))
        story.open()
        story.pass(.seconds(45))
        story.silent()
        #expect(story.asked() == [.watch("12")])
        #expect(story.version == "12" && story.until == 1048 && story.since == 1001)
        // What the one before has brought covers more than its opening.
        story.open()
        story.pass(.seconds(10))
        story.frame("13")
        story.pass(.seconds(45))
        story.silent()
        #expect(story.until == 1098)
    }

    @Test func silenceAfterABacklogEndsTheBacklog() {
        let story = WatchStory()
        story.resume("10", coveredUntil: 700_000_000)
        story.compared("20")
        story.open()
        story.pass(.seconds(45))
        story.silent()
        // Of the versions up to 20, none was an event's.
        #expect(story.until == 1000)
        story.page("21", ["9"])
        story.open()
        story.frame("22")
        #expect(story.until == 1045)
    }

    @Test func aQuietClusterCostsARequestEvery45SecondsAndAListEveryThreeMinutes() {
        let story = WatchStory.quiet()
        for _ in 0..<3 {
            story.pass(.seconds(45))
            story.silent()
            story.open()
        }
        // The version was the newest at 1000 s.
        #expect(story.asked() == [.watch("10"), .watch("10"), .watch("10")])
        story.pass(.seconds(45))
        story.silent()
        story.page("80", ["3", "9"])
        story.open()
        story.pass(.seconds(45))
        story.silent()
        #expect(story.asked() == [.list(), .watch("80"), .watch("80")])
    }

    @Test func theVersionOfAnEarlierRunIsOfUnknownAge() {
        let story = WatchStory()
        story.resume("10")
        story.compared("11")
        story.open()
        story.pass(.seconds(45))
        story.silent()
        #expect(story.asked() == [.compare, .watch("10"), .list()])
        #expect(story.machine.keepsWatch)
    }

    /// An open watch whose version was the newest three minutes ago, and that is checked.
    private func refreshing() -> WatchStory {
        let story = WatchStory.quiet()
        story.pass(.seconds(180))
        story.silent()
        return story
    }

    @Test func aListThatFindsNothingNewCoversUntilItWasAskedFor() {
        let story = refreshing()
        #expect(story.page("80", ["3", "9"]) == [])
        #expect(story.asked() == [.list(), .watch("80")])
        #expect(story.machine.keepsWatch)
        #expect(story.version == "80" && story.cause == .first && story.since == 1001 && story.until == 1181)
    }

    @Test func aListThatFindsNewsSendsTheSecondWatchWhereTheFirstWas() {
        let story = refreshing()
        #expect(story.page("80", ["3", "42"]) == ["42"])
        #expect(story.asked() == [.list(), .watch("10")])
        #expect(story.version == "10" && story.until == 1001)
        story.open()
        story.frame("41")
        #expect(story.version == "41" && story.cause == .first && story.since == 1001)
    }

    @Test func aListThatIsOlderThanTheWatchEndsTheStretch() {
        let story = refreshing()
        #expect(story.page("4", ["3"]) == ["3"])
        #expect(story.asked() == [.list(), .watch("4")])
        #expect(story.version == "4" && story.cause == .restored && story.since == 1182)
    }

    @Test func aSecondWatchThatCannotBeOpenedLeavesTheFirstAndIsTriedAgainSoon() {
        let story = WatchStory.checking()
        story.fail(.unavailable(retryAfter: nil))
        #expect(story.asked() == [.read])
        #expect(story.machine.keepsWatch)
        story.pass(.milliseconds(799))
        #expect(!story.silent())
        story.pass(.milliseconds(1))
        #expect(story.silent())
        story.fail(.tooManyRequests(retryAfter: .seconds(20)))
        story.pass(.seconds(19))
        #expect(!story.silent())
        // The first was alive all the time.
        story.frame("13")
        story.pass(.seconds(44))
        #expect(!story.silent())
        #expect(story.asked() == [.watch("12"), .read])
        #expect(story.version == "13")
    }

    /// On SIGTERM an API server refuses what is new for the minute that its open watches live on, and then ends them.
    @Test func checksThatFailedDoNotSlowDownWhatFollowsTheEndOfTheWatch() {
        let story = WatchStory.checking()
        for seconds in [0.8, 1.6, 3.2, 6.4, 12.8, 15] {
            story.fail(.refused)
            story.pass(.seconds(seconds) - .milliseconds(1))
            #expect(!story.silent())
            story.pass(.milliseconds(1))
            #expect(story.silent())
        }
        story.fail(.refused)
        story.actions = []
        story.end()
        story.fail(.refused)
        story.fail(.refused)
        #expect(
            story.asked() == [
                .watch("12"), .compare(after: .milliseconds(800)), .compare(after: .milliseconds(1600)),
            ]
        )
    }

    @Test func aFrameMakesTheNextCheckThatFailsTheFirst() {
        let story = WatchStory.checking()
        for _ in 0..<3 {
            story.fail(.refused)
            story.pass(.seconds(10))
            story.silent()
        }
        story.fail(.refused)
        story.frame("13")
        story.pass(.seconds(45))
        story.silent()
        story.fail(.refused)
        story.pass(.milliseconds(800))
        #expect(story.silent())
    }

    @Test func aSecondWatchThatGetsA410IsFollowedByAListAndTheFirstIsLetGo() {
        let story = WatchStory.checking()
        story.fail(.expired)
        #expect(story.asked() == [.list()])
        #expect(!story.machine.keepsWatch)
        story.page("80", ["12"])
        #expect(story.asked() == [.watch("80")])
        #expect(story.cause == .first && story.until == 1046)
    }

    @Test(arguments: [WatchFailure.expired, .forbidden, .unavailable(retryAfter: nil), .rejected])
    func aListBesideAWatchThatFailsLeavesTheWatch(failure: WatchFailure) {
        let story = refreshing()
        story.page("80", ["3"], continueToken: "a")
        story.actions = []
        story.fail(failure)
        #expect(story.asked() == [.read])
        story.frame("42")
        #expect(story.version == "42")
    }

    @Test func whatTheFirstStillBringsAfterAListDoesNotTurnTheVersionBack() {
        let story = refreshing()
        story.page("80", ["3", "9"])
        story.fail(.refused)
        story.frame("42")
        #expect(story.version == "80")
        story.frame("81")
        #expect(story.version == "81")
    }

    @Test func aPageBesideAWatchThatIsTooLongIsAskedForInPieces() {
        let story = refreshing()
        story.fail(.pageTooLarge)
        story.page("80")
        #expect(story.asked() == [.list(), .list(limit: 125), .watch("80")])
        #expect(story.machine.keepsWatch)
    }
}
