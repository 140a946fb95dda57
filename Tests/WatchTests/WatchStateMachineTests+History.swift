import Coverage
import Testing

@testable import Watch

/// Whether a watch can go on from what was reached, and what is covered if it cannot.
extension WatchStateMachineTests {
    @Test func anEarlierRunIsContinuedAfterItsVersionWasComparedWithTheServers() {
        let story = WatchStory()
        story.resume("10", coveredUntil: 990_000_000)
        story.compared("12")
        #expect(story.asked() == [.compare, .watch("10")])
        #expect(story.version == "10" && story.since == 100 && story.until == 990)
    }

    @Test func aServerThatShowsTheSameVersionProvesThatNothingHappened() {
        let story = WatchStory()
        story.resume("10", coveredUntil: 400_000_000)
        story.compared("10")
        #expect(story.asked() == [.compare, .watch("10")])
        #expect(story.until == 1000)
    }

    /// A watch from a version in the future gets 200 and then nothing for ever.
    @Test func aServerThatKnowsLessThanItDidIsListedAndANewStretchBegins() {
        let story = WatchStory()
        story.resume("5000", coveredUntil: 990_000_000)
        story.compared("999")
        // Whatever it has may be news, under versions that were used before.
        #expect(story.page("1000", ["900", "7"]) == ["900", "7"])
        #expect(story.asked() == [.compare, .list(), .watch("1000")])
        #expect(story.version == "1000" && story.cause == .restored && story.since == 1001)
    }

    @Test(arguments: [WatchFailure.refused, .truncated, .unavailable(retryAfter: nil)])
    func afterWhatMayHaveMadeItAnotherServerTheVersionIsCompared(failure: WatchFailure) {
        let story = WatchStory.watching()
        story.fail(.truncated)
        story.fail(failure)
        story.compared("999")
        story.open()
        #expect(story.asked().first == .compare)
        #expect(story.version == "12")
        story.fail(failure)
        story.compared("3")
        story.page("4")
        #expect(story.asked().last == .watch("4"))
        #expect(story.cause == .restored)
    }

    @Test(arguments: [WatchFailure.unauthorized, .forbidden, .tooManyRequests(retryAfter: nil), .rejected])
    func aServerThatAnswersIsTheSameServer(failure: WatchFailure) {
        let story = WatchStory.watching()
        story.pass(.seconds(2))
        story.end()
        story.fail(failure)
        guard case .watch("12", 300, _)? = story.asked().last else { return #expect(Bool(false)) }
    }

    @Test func aComparisonThatFailsIsMadeAgainWithTheWaitsOfAnyRequest() {
        let story = WatchStory()
        story.resume("10")
        story.fail(.refused)
        story.fail(.forbidden)
        story.fail(.rejected)
        story.fail(.unauthorized)
        story.fail(.tooManyRequests(retryAfter: .seconds(60)))
        #expect(
            story.asked() == [
                .compare, .compare(after: .milliseconds(800)), .compare(after: .milliseconds(1600)),
                .compare(after: .milliseconds(3200)), .compare, .compare(after: .seconds(60)),
            ]
        )
    }

    @Test func versionsThatCannotBeComparedAreTriedOut() {
        let story = WatchStory()
        story.resume("opaque")
        story.compared("1000")
        #expect(story.asked() == [.compare, .watch("opaque")])
        story.fail(.expired)
        story.page("1001", ["5"])
        #expect(story.cause == .expired)
    }

    @Test func aBacklogMovesTheVersionAndTheTimeOnlyAtItsEnd() {
        let story = WatchStory()
        story.resume("10", coveredUntil: 700_000_000)
        story.compared("20")
        story.open()
        story.pass(.seconds(1))
        story.frame("15")
        #expect(story.version == "15" && story.until == 700)
        // The server was there when it was asked.
        story.frame("20")
        #expect(story.version == "20" && story.until == 1000)
        story.pass(.seconds(5))
        story.frame("21")
        #expect(story.until == 1001)
    }

    @Test func whatWaitedForTheSinkIsABacklogToo() {
        let story = WatchStory.watching()
        story.pass(.seconds(4.9))
        #expect(!story.taken())
        story.frame("13")
        story.pass(.seconds(600))
        #expect(story.taken())
        #expect(story.machine.keepsWatch)
        story.compared("20")
        #expect(story.asked() == [.compare, .read])
        // These had been sent long before.
        story.pass(.seconds(1))
        story.frame("14")
        #expect(!story.taken())
        #expect(story.version == "14" && story.until == 1001)
        story.frame("20")
        #expect(story.version == "20" && story.until == 1605.9)
    }

    @Test func aBacklogOfUnknownLengthCoversNothingUntilTheServerWasAsked() {
        let story = WatchStory.watching()
        story.pass(.seconds(600))
        story.taken()
        story.fail(.tooManyRequests(retryAfter: .seconds(20)))
        story.frame("13")
        #expect(!story.taken())
        story.pass(.seconds(20))
        story.frame("14")
        #expect(story.version == "14" && story.until == 1001)
        #expect(story.taken())
        story.compared("14")
        #expect(story.asked() == [.compare, .read, .compare, .read])
        #expect(story.until == 1621)
    }

    @Test func aBacklogThatTheServerKnowsNothingOfIsOfAnotherHistory() {
        let story = WatchStory.watching()
        story.pass(.seconds(600))
        story.taken()
        story.compared("7")
        #expect(story.asked() == [.compare, .list()])
        #expect(!story.machine.keepsWatch)
    }

    // 410.

    @Test func a410InTheStreamMeansRelistAtOnce() {
        let story = WatchStory.watching()
        story.fail(.expired)
        story.page("30", ["13"])
        #expect(story.asked() == [.list(), .watch("30")])
    }

    @Test func a410ForAResumeMeansAListAtOnce() {
        let story = WatchStory()
        story.resume("10")
        story.compared("11")
        story.fail(.expired)
        story.page("30")
        #expect(story.asked() == [.compare, .watch("10"), .list(), .watch("30")])
    }

    @Test func aListWithNewsAfterA410LeavesAGap() {
        let story = WatchStory.watching()
        story.pass(.seconds(9))
        story.fail(.expired)
        #expect(story.page("30", ["9", "13"]) == ["9", "13"])
        #expect(story.version == "30" && story.cause == .expired)
        #expect(story.since == 1011 && story.until == 1011)
    }

    @Test func aListWithoutNewsAfterA410ProvesThatNothingHappened() {
        let story = WatchStory.watching()
        story.pass(.seconds(1798))
        story.fail(.expired)
        story.page("30", ["9", "12"])
        #expect(story.version == "30" && story.cause == .first)
        #expect(story.since == 1001 && story.until == 2799)
    }

    @Test func afterHalfOfAnEventsLifeAListProvesNothing() {
        let story = WatchStory.watching()
        story.pass(.seconds(1800))
        story.fail(.expired)
        story.page("30", ["9", "12"])
        #expect(story.cause == .expired && story.since == 2802)
    }

    @Test func forAnEarlierRunHalfOfAnEventsLifeIsMeasuredByTheWall() {
        for (covered, cause) in [(-799, CoverageStretch.Cause.first), (-801, .expired), (1, .expired)] {
            let story = WatchStory()
            story.resume("10", coveredUntil: 1_000_000_000 + Int64(covered) * 1_000_000)
            story.compared("20")
            story.fail(.expired)
            story.pass(.seconds(999))
            if covered > 0 { story.setClock(forward: .seconds(-1000)) }
            story.page("30", ["9"])
            #expect(story.cause == cause, "\(covered)")
        }
    }

    @Test func anItemThatCannotBeComparedMayBeNews() {
        let story = WatchStory.watching()
        story.fail(.expired)
        story.page("30", ["9", nil])
        #expect(story.cause == .expired)
    }

    @Test func listsWhoseWatchesExpireAtOnceBackOff() {
        let story = WatchStory.watching()
        for _ in 0..<3 {
            story.fail(.expired)
            story.page("30")
        }
        #expect(
            story.asked() == [
                .list(), .watch("30"), .list(after: .milliseconds(800)), .watch("30"),
                .list(after: .milliseconds(1600)), .watch("30"),
            ]
        )
    }

    @Test func anExpiredContinueTokenStartsTheListAgain() {
        let story = WatchStory.watching()
        story.fail(.expired)
        story.page("30", ["13"], continueToken: "a")
        story.fail(.expired)
        story.page("40", ["9"], continueToken: "b")
        #expect(story.version == "12")
        story.page("40")
        #expect(
            story.asked() == [.list(), .list("a"), .list(after: .milliseconds(800)), .list("b"), .watch("40")]
        )
        // 13 has gone in the meantime, but it had come.
        #expect(story.cause == .expired && story.since == 1003)
    }

    // A version that is too old can also get 200 and an immediate end (kubernetes#104171).

    @Test func theSecondWatchThatEndsAtOnceIsFollowedByAList() {
        let story = WatchStory.quiet()
        story.end()
        story.open()
        story.end()
        story.page("30", ["9"])
        #expect(
            story.asked() == [
                .watch("10", after: .milliseconds(800)), .list(after: .milliseconds(1600)), .watch("30"),
            ]
        )
        #expect(story.cause == .first && story.until == 1001)
    }

    @Test func aVersionThatBringsNothingThoughThereIsNewsCountsAsExpiredInTheEnd() {
        let story = WatchStory.quiet()
        for _ in 0..<2 {
            story.end()
            story.open()
            story.end()
            #expect(story.page("30", ["9", "15"]).contains("15"))
            story.open()
        }
        #expect(
            story.asked() == [
                .watch("10", after: .milliseconds(800)), .list(after: .milliseconds(1600)), .watch("10"),
                .watch("10", after: .milliseconds(3200)), .list(after: .milliseconds(6400)), .watch("30"),
            ]
        )
        #expect(story.cause == .expired)
    }

    @Test func aWatchThatBringsSomethingBetweenThemMakesEmptyOnesHarmless() {
        let story = WatchStory.quiet()
        story.end()
        story.open()
        story.frame("11")
        story.end()
        story.open()
        story.end()
        #expect(
            story.asked() == [
                .watch("10", after: .milliseconds(800)), .watch("11"), .watch("11", after: .milliseconds(1600)),
            ]
        )
    }
}
