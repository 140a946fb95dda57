import Coverage
import Testing

@testable import Watch

@Suite("What a watch asks for when all goes well") struct WatchStateMachineTests {
    @Test func itListsInPagesAndWatchesFromTheListsVersion() {
        let story = WatchStory()
        story.start()
        story.page("10", continueToken: "a")
        story.page("10", continueToken: "b")
        #expect(story.version == nil)
        story.page("10")
        #expect(story.asked() == [.list(), .list("a"), .list("b"), .watch("10")])
        #expect(story.version == "10" && story.cause == .first)
    }

    @Test func aFirstListCoversFromTheTimeItsFirstPageCame() {
        let story = WatchStory()
        story.start()
        story.page("10", continueToken: "a")
        story.page("10")
        #expect(story.since == 1001 && story.until == 1001)
    }

    @Test func ofAnInconsistentListTheFirstVersionCounts() {
        let story = WatchStory()
        story.start()
        story.page("10", continueToken: "a")
        story.page("15")
        #expect(story.actions.last == .watch("10"))
    }

    @Test func theTimeoutOfAWatchIsDrawnBetweenFiveAndTenMinutes() {
        var machine = WatchStateMachine()
        let now = WatchMoment(instant: .now, microseconds: 0)
        _ = machine.start(from: nil)
        machine.pageArrived(resourceVersion: "1", asked: now, at: now)
        #expect(
            machine.pageTaken(continueToken: nil, random: 0.999)
                == .watch(resourceVersion: "1", timeoutSeconds: 599, after: .zero)
        )
    }

    @Test func aFrameCoversUntilTheLongestTimeThatItMayHaveTaken() {
        let story = WatchStory.quiet()
        story.pass(.seconds(7))
        story.frame("20")
        #expect(story.version == "20" && story.until == 1003)
        // Several DELETEDs share one version, and still nothing is missing.
        story.pass(.seconds(1))
        story.frame("20")
        #expect(story.version == "20" && story.until == 1004 && story.since == 1001)
    }

    @Test func aCleanEndIsNoErrorAndTheWatchGoesOnFromTheLastVersion() {
        let story = WatchStory.watching()
        story.pass(.milliseconds(100))
        story.end()
        #expect(story.asked() == [.watch("12")])
    }

    @Test func aQuietWatchThatEndsIsOpenedAgainAtOnce() {
        let story = WatchStory.quiet()
        story.pass(.seconds(300))
        story.end()
        #expect(story.asked() == [.watch("10")])
    }

    @Test func aWatchThatEndsWithinASecondWithoutAnEventBacksOff() {
        let story = WatchStory.quiet()
        story.pass(.milliseconds(999))
        story.end()
        #expect(story.asked() == [.watch("10", after: .milliseconds(800))])
    }

    @Test func whatComesAtTheSameVersionIsNoProgress() {
        let story = WatchStory.quiet()
        story.frame("10")
        story.pass(.milliseconds(10))
        story.end()
        #expect(story.asked() == [.watch("10", after: .milliseconds(800))])
    }

    @Test func aClockThatIsSetBackMakesNoDurationLongerAndNoStretchNegative() {
        let story = WatchStory.quiet()
        story.setClock(forward: .seconds(-3600))
        story.frame("11")
        #expect(story.since == 1001 && story.until == 1001)
        story.pass(.seconds(44))
        #expect(!story.silent())
        story.pass(.seconds(1))
        #expect(story.silent())
        #expect(story.asked() == [.watch("11")])
    }

    @Test func aClockThatIsSetForwardIsNoSilenceAndMakesNothingOld() {
        let story = WatchStory.watching()
        story.setClock(forward: .seconds(7200))
        #expect(!story.silent())
        story.fail(.expired)
        // Two hours by the wall are no time at all by the other clock: quiet is still proved.
        story.page("30", ["11"])
        #expect(story.asked() == [.list(), .watch("30")])
        #expect(story.cause == .first && story.since == 1001)
    }
}
