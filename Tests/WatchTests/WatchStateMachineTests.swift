import Testing

@testable import Watch

/// A state machine, and what it was told and answered: a story of requests.
private struct Story {
    var machine = WatchStateMachine()
    var now = ContinuousClock.now
    var actions: [WatchStateMachine.Action] = []

    mutating func start(from version: String? = nil) { actions.append(machine.start(from: version, random: 0)) }

    mutating func page(_ version: String, continueToken: String? = nil) {
        actions.append(
            machine.pageArrived(resourceVersion: version, continueToken: continueToken, at: now, random: 0)
        )
    }

    mutating func open() { machine.watchOpened(at: now) }
    mutating func frame(_ version: String) { machine.advanced(to: version) }
    mutating func pass(_ duration: Duration) { now += duration }
    mutating func end() { actions.append(machine.watchEnded(at: now, random: 0)) }
    mutating func fail(_ failure: WatchFailure) { actions.append(machine.failed(failure, at: now, random: 0)) }

    /// - Returns: whether the watch is opened again.
    mutating func malformed() -> Bool {
        guard let action = machine.lineMalformed(at: now, random: 0) else { return false }
        actions.append(action)
        return true
    }

    /// An open watch that has brought versions 11 and 12.
    static func watching() -> Story {
        var story = Story()
        story.start(from: "10")
        story.open()
        story.frame("11")
        story.frame("12")
        story.actions = []
        return story
    }

    /// An open watch from version 10 that has brought nothing.
    static func quiet() -> Story {
        var story = Story()
        story.start(from: "10")
        story.open()
        story.actions = []
        return story
    }
}

extension WatchStateMachine.Action {
    fileprivate static func list(_ token: String? = nil, limit: Int = 500, after delay: Duration = .zero) -> Self {
        .list(continueToken: token, limit: limit, after: delay)
    }

    fileprivate static func watch(_ version: String, after delay: Duration = .zero) -> Self {
        .watch(resourceVersion: version, timeoutSeconds: 300, after: delay)
    }
}

@Suite struct WatchStateMachineTests {
    @Test func itListsInPagesAndWatchesFromTheListsVersion() {
        var story = Story()
        story.start()
        story.page("10", continueToken: "a")
        story.page("10", continueToken: "b")
        story.page("10")
        #expect(story.actions == [.list(), .list("a"), .list("b"), .watch("10")])
    }

    @Test func ofAnInconsistentListTheFirstVersionCounts() {
        var story = Story()
        story.start()
        story.page("10", continueToken: "a")
        story.page("15")
        #expect(story.actions.last == .watch("10"))
    }

    @Test func itResumesFromAVersionWithoutAList() {
        var story = Story()
        story.start(from: "10")
        #expect(story.actions == [.watch("10")])
    }

    @Test func theTimeoutOfAWatchIsDrawnBetweenFiveAndTenMinutes() {
        var machine = WatchStateMachine()
        #expect(
            machine.start(from: "1", random: 0.999) == .watch(resourceVersion: "1", timeoutSeconds: 599, after: .zero)
        )
    }

    @Test func aCleanEndIsNoErrorAndTheWatchGoesOnFromTheLastVersion() {
        var story = Story.watching()
        story.pass(.milliseconds(100))
        story.end()
        #expect(story.actions == [.watch("12")])
    }

    @Test func aQuietWatchThatEndsIsOpenedAgainAtOnce() {
        var story = Story.quiet()
        story.pass(.seconds(300))
        story.end()
        #expect(story.actions == [.watch("10")])
    }

    @Test func watchesThatEndWithinASecondWithoutAnEventBackOff() {
        var story = Story.quiet()
        for _ in 0..<3 {
            story.pass(.milliseconds(999))
            story.end()
            story.open()
        }
        #expect(
            story.actions == [
                .watch("10", after: .milliseconds(800)), .watch("10", after: .milliseconds(1600)),
                .watch("10", after: .milliseconds(3200)),
            ]
        )
    }

    @Test func bookmarksAdvanceTheVersionToo() {
        var story = Story.quiet()
        story.frame("20")
        story.fail(.truncated)
        #expect(story.actions == [.watch("20")])
    }

    @Test func whatComesAtTheSameVersionIsNoProgress() {
        var story = Story.quiet()
        story.frame("10")
        story.pass(.milliseconds(10))
        story.end()
        #expect(story.actions == [.watch("10", after: .milliseconds(800))])
    }

    @Test func afterAStreamThatDeliveredTheFirstRetryIsImmediateAndTheNextIsNot() {
        var story = Story.watching()
        story.fail(.truncated)
        story.fail(.refused)
        story.fail(.refused)
        #expect(
            story.actions == [
                .watch("12"), .watch("12", after: .milliseconds(800)), .watch("12", after: .milliseconds(1600)),
            ]
        )
    }

    @Test func streamsThatBreakWithoutProgressBackOff() {
        var story = Story.watching()
        story.fail(.truncated)
        story.open()
        story.fail(.truncated)
        story.open()
        story.frame("13")
        story.fail(.truncated)
        #expect(story.actions == [.watch("12"), .watch("12", after: .milliseconds(800)), .watch("13")])
    }

    @Test func a410InTheStreamMeansRelistAtOnce() {
        var story = Story.watching()
        story.fail(.expired)
        story.page("30")
        #expect(story.actions == [.list(), .watch("30")])
    }

    @Test func a410ForAResumeMeansAListAtOnce() {
        var story = Story()
        story.start(from: "10")
        story.fail(.expired)
        story.page("30")
        #expect(story.actions == [.watch("10"), .list(), .watch("30")])
    }

    @Test func listsWhoseWatchesExpireAtOnceBackOff() {
        var story = Story()
        story.start(from: "10")
        for _ in 0..<3 {
            story.fail(.expired)
            story.page("30")
        }
        #expect(
            story.actions == [
                .watch("10"), .list(), .watch("30"), .list(after: .milliseconds(800)), .watch("30"),
                .list(after: .milliseconds(1600)), .watch("30"),
            ]
        )
    }

    @Test func anExpiredContinueTokenStartsTheListAgain() {
        var story = Story()
        story.start()
        story.page("10", continueToken: "a")
        story.fail(.expired)
        story.page("20", continueToken: "b")
        story.page("20")
        #expect(story.actions == [.list(), .list("a"), .list(), .list("b"), .watch("20")])
    }

    @Test func aPageThatFailsIsAskedForAgain() {
        var story = Story()
        story.start()
        story.page("10", continueToken: "a")
        story.fail(.unavailable(retryAfter: nil))
        story.page("10")
        #expect(story.actions == [.list(), .list("a"), .list("a", after: .milliseconds(800)), .watch("10")])
    }

    @Test func aTokenThatIsNotUnderstoodStartsTheListAgain() {
        var story = Story()
        story.start()
        story.page("10", continueToken: "a")
        story.fail(.rejected)
        #expect(story.actions.last == .list(after: .milliseconds(800)))
    }

    @Test func aPageThatIsTooLongIsAskedForInPiecesUntilTheListIsDone() {
        var story = Story()
        story.start()
        story.page("10", continueToken: "a")
        story.fail(.pageTooLarge)
        story.fail(.pageTooLarge)
        story.page("10", continueToken: "b")
        story.page("10")
        story.fail(.expired)
        #expect(
            story.actions == [
                .list(), .list("a"), .list("a", limit: 125), .list("a", limit: 31), .list("b", limit: 31),
                .watch("10"), .list(),
            ]
        )
    }

    @Test func aSingleEventThatIsTooLongBacksOff() {
        var story = Story()
        story.start()
        for _ in 0..<6 { story.fail(.pageTooLarge) }
        #expect(
            story.actions.suffix(2) == [
                .list(limit: 1, after: .milliseconds(800)), .list(limit: 1, after: .milliseconds(1600)),
            ]
        )
    }

    @Test func a401IsTriedAgainAtOnceWithAFreshTokenAndThenBacksOff() {
        var story = Story.watching()
        story.end()
        story.fail(.unauthorized)
        story.fail(.unauthorized)
        story.fail(.unauthorized)
        story.open()
        story.fail(.unauthorized)
        #expect(
            story.actions == [
                .watch("12"), .watch("12"), .watch("12", after: .milliseconds(800)),
                .watch("12", after: .milliseconds(1600)), .watch("12"),
            ]
        )
    }

    @Test func a403StandsAndIsAskedAgainEverMoreSeldom() {
        var story = Story()
        story.start()
        for _ in 0..<7 { story.fail(.forbidden) }
        #expect(
            story.actions.dropFirst()
                == [800, 1600, 3200, 6400, 12_800, 15_000, 15_000].map { .list(after: .milliseconds($0)) }[...]
        )
    }

    @Test func a429WaitsAsLongAsItIsToldAndLongerWhenItIsToldAgain() {
        var story = Story.watching()
        for _ in 0..<3 { story.fail(.tooManyRequests(retryAfter: .seconds(1))) }
        story.fail(.tooManyRequests(retryAfter: .seconds(60)))
        story.fail(.tooManyRequests(retryAfter: .seconds(86_400)))
        #expect(
            story.actions == [
                .watch("12", after: .seconds(1)), .watch("12", after: .milliseconds(1600)),
                .watch("12", after: .milliseconds(3200)), .watch("12", after: .seconds(60)),
                .watch("12", after: .seconds(300)),
            ]
        )
    }

    @Test func twoHealthyMinutesForgetEarlierFailures() {
        var story = Story.watching()
        for _ in 0..<5 { story.fail(.refused) }
        story.actions = []
        story.open()
        story.pass(.seconds(119))
        story.fail(.unavailable(retryAfter: nil))
        story.open()
        story.pass(.seconds(120))
        story.fail(.unavailable(retryAfter: nil))
        #expect(
            story.actions == [.watch("12", after: .seconds(15)), .watch("12", after: .milliseconds(800))]
        )
    }

    @Test func aMalformedLineIsReadAgainOnceAndThenPassedOver() {
        var story = Story.watching()
        var reopened = [story.malformed()]
        story.open()
        reopened.append(story.malformed())
        // Another line at another place gets its own second chance.
        story.frame("13")
        reopened.append(story.malformed())
        #expect(reopened == [true, false, true])
        #expect(story.actions == [.watch("12"), .watch("13")])
    }
}
