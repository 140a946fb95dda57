import Coverage
import Testing

@testable import Watch

/// Failures, and how long is waited after them.
extension WatchStateMachineTests {
    @Test func afterAStreamThatDeliveredTheFirstRetryIsImmediateAndTheNextIsNot() {
        let story = WatchStory.watching()
        story.fail(.truncated)
        story.fail(.refused)
        story.fail(.refused)
        #expect(
            story.asked() == [
                .compare, .compare(after: .milliseconds(800)), .compare(after: .milliseconds(1600)),
            ]
        )
    }

    /// As after a restore whose old versions are marked as compacted: each second until the list makes the gap longer.
    @Test func a410AfterAnOutageIsFollowedByAListAtOnceAndTheNextIsNot() {
        let story = WatchStory.watching()
        story.fail(.truncated)
        for _ in 0..<4 { story.fail(.refused) }
        story.compared("1000012")
        story.open()
        story.actions = []
        story.fail(.expired)
        story.page("1000013", ["1000013"])
        story.fail(.expired)
        #expect(story.asked() == [.list(), .watch("1000013"), .list(after: .milliseconds(12_800))])
    }

    @Test func streamsThatBreakWithoutProgressBackOff() {
        let story = WatchStory.watching()
        for frame in [nil, nil, "13"] {
            story.fail(.truncated)
            story.compared("20")
            story.open()
            if let frame { story.frame(frame) }
        }
        story.fail(.truncated)
        #expect(
            story.asked() == [
                .compare, .watch("12"), .compare(after: .milliseconds(800)), .watch("12"),
                .compare(after: .milliseconds(1600)), .watch("12"), .compare,
            ]
        )
    }

    @Test func aPageThatFailsIsAskedForAgain() {
        let story = WatchStory()
        story.start()
        story.page("10", continueToken: "a")
        story.fail(.unavailable(retryAfter: nil))
        story.page("10")
        #expect(story.asked() == [.list(), .list("a"), .list("a", after: .milliseconds(800)), .watch("10")])
    }

    @Test func aTokenThatIsNotUnderstoodStartsTheListAgain() {
        let story = WatchStory()
        story.start()
        story.page("10", continueToken: "a")
        story.fail(.rejected)
        #expect(story.asked().last == .list(after: .milliseconds(800)))
    }

    @Test func aPageThatIsTooLongIsAskedForInPiecesUntilTheListIsDone() {
        let story = WatchStory()
        story.start()
        story.page("10", continueToken: "a")
        story.fail(.pageTooLarge)
        story.fail(.pageTooLarge)
        story.page("10", continueToken: "b")
        story.page("10")
        story.fail(.expired)
        #expect(
            story.asked() == [
                .list(), .list("a"), .list("a", limit: 125), .list("a", limit: 31), .list("b", limit: 31),
                .watch("10"), .list(),
            ]
        )
    }

    @Test func aSingleEventThatIsTooLongBacksOff() {
        let story = WatchStory()
        story.start()
        for _ in 0..<6 { story.fail(.pageTooLarge) }
        #expect(
            story.asked().suffix(2) == [
                .list(limit: 1, after: .milliseconds(800)), .list(limit: 1, after: .milliseconds(1600)),
            ]
        )
    }

    @Test func a401IsTriedAgainAtOnceWithAFreshTokenAndThenBacksOff() {
        let story = WatchStory.watching()
        story.end()
        story.fail(.unauthorized)
        story.fail(.unauthorized)
        story.fail(.unauthorized)
        story.open()
        story.fail(.unauthorized)
        #expect(
            story.asked() == [
                .watch("12"), .watch("12"), .watch("12", after: .milliseconds(800)),
                .watch("12", after: .milliseconds(1600)), .watch("12"),
            ]
        )
    }

    @Test func a403StandsAndIsAskedAgainEverMoreSeldom() {
        let story = WatchStory()
        story.start()
        for _ in 0..<7 { story.fail(.forbidden) }
        #expect(
            story.asked().dropFirst()
                == [800, 1600, 3200, 6400, 12_800, 15_000, 15_000].map { .list(after: .milliseconds($0)) }[...]
        )
    }

    @Test func a429WaitsAsLongAsItIsToldAndLongerWhenItIsToldAgain() {
        let story = WatchStory.watching()
        for _ in 0..<3 { story.fail(.tooManyRequests(retryAfter: .seconds(1))) }
        story.fail(.tooManyRequests(retryAfter: .seconds(60)))
        story.fail(.tooManyRequests(retryAfter: .seconds(86_400)))
        #expect(
            story.asked() == [
                .watch("12", after: .seconds(1)), .watch("12", after: .milliseconds(1600)),
                .watch("12", after: .milliseconds(3200)), .watch("12", after: .seconds(60)),
                .watch("12", after: .seconds(300)),
            ]
        )
    }

    @Test func a5xxIsWaitedOutAndThenTheServersVersionIsCompared() {
        let story = WatchStory.watching()
        story.end()
        story.fail(.unavailable(retryAfter: nil))
        story.fail(.unavailable(retryAfter: .seconds(5)))
        story.compared("40")
        #expect(
            story.asked() == [
                .watch("12"), .compare(after: .milliseconds(800)), .compare(after: .seconds(5)), .watch("12"),
            ]
        )
    }

    @Test func twoHealthyMinutesForgetEarlierFailures() {
        let story = WatchStory.watching()
        for _ in 0..<5 { story.fail(.refused) }
        story.compared("40")
        story.open()
        story.actions = []
        story.pass(.seconds(119))
        story.fail(.unavailable(retryAfter: nil))
        story.compared("40")
        story.open()
        story.pass(.seconds(120))
        story.fail(.unavailable(retryAfter: nil))
        #expect(
            story.asked() == [
                .compare(after: .seconds(15)), .watch("12"), .compare(after: .milliseconds(800)),
            ]
        )
    }

    // Lines.

    @Test func aMalformedLineIsReadAgainOnceAndThenPassedOver() {
        let story = WatchStory.watching()
        var reopened = [story.malformed()]
        story.open()
        story.pass(.seconds(4))
        #expect(story.cause == .first)
        reopened.append(story.malformed())
        // Its event is missing: what is covered ends before it.
        #expect(story.version == "12" && story.cause == .unreadable && story.since == 1005 && story.until == 1005)
        // Another line at another place gets its own second chance.
        story.frame("13")
        reopened.append(story.malformed())
        #expect(reopened == [true, false, true])
        #expect(story.asked() == [.watch("12"), .watch("13")])
    }

    @Test func anOversizedLineIsPassedOverAtOnceAndEndsTheStretch() {
        let story = WatchStory.watching()
        story.pass(.seconds(4))
        story.oversized("14")
        #expect(story.version == "14" && story.cause == .unreadable && story.since == 1005)
        story.pass(.seconds(1))
        story.oversized(nil)
        #expect(story.version == "14" && story.cause == .unreadable && story.since == 1006)
        story.pass(.seconds(1))
        story.frame("15")
        #expect(story.since == 1006 && story.until == 1006)
        #expect(story.asked() == [])
    }
}
