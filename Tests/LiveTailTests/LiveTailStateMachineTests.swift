import EventReader
import Testing

@testable import LiveTail

@Suite("What a live tail decides")
struct LiveTailStateMachineTests {
    private let start = ContinuousClock.now
    private var settings: LiveTailSettings {
        var settings = LiveTailSettings()
        settings.mostBufferedEvents = 3
        settings.mostListeners = 3
        return settings
    }

    private let everything = EventMatcher(EventQuery(.everything))

    private func listen(
        _ machine: inout LiveTailStateMachine,
        _ matcher: EventMatcher,
        after position: LiveStart
    ) throws -> LiveTailStateMachine.ListenerID {
        let id = machine.add(matcher, after: position, at: start)
        return try #require(id)
    }

    /// What a client sees of all that is there for it.
    private func read(
        _ machine: inout LiveTailStateMachine,
        _ id: LiveTailStateMachine.ListenerID,
        into reader: inout StreamReader
    ) {
        while true {
            let bytes = machine.take(id, atMost: 1).bytes
            if bytes.isEmpty { return }
            reader.read(bytes)
        }
    }

    private func page(_ numbers: ClosedRange<Int>, hasMore: Bool = false) -> FeedPage {
        FeedPage(events: numbers.map { .made($0) }, end: .made(numbers.upperBound), hasMore: hasMore)
    }

    @Test func nobodyListeningNothingIsAsked() throws {
        var machine = LiveTailStateMachine(settings)
        #expect(machine.next(at: start) == .sleep)
        let id = try listen(&machine, everything, after: .now)
        #expect(machine.next(at: start) == .findNewest)
        machine.newestFound(.made(5), at: start)
        #expect(machine.next(at: start) == .readOn(after: .made(5)))
        machine.remove(id)
        #expect(machine.next(at: start) == .sleep)
    }

    @Test func oneQuestionAnIntervalServesAll() throws {
        var machine = LiveTailStateMachine(settings)
        let one = try listen(&machine, everything, after: .now)
        let two = try listen(&machine, everything, after: .now)
        _ = machine.next(at: start)
        machine.newestFound(.made(5), at: start)
        #expect(machine.next(at: start) == .readOn(after: .made(5)))
        machine.readOn(page(6...7), at: start)
        #expect(machine.next(at: start) == .wait(until: start + settings.pollInterval))
        #expect(machine.next(at: start + settings.pollInterval) == .readOn(after: .made(7)))
        for id in [one, two] {
            var reader = StreamReader()
            read(&machine, id, into: &reader)
            #expect(reader.messages.map(\.data) == [#"{"n":6}"#, #"{"n":7}"#])
            #expect(reader.lastEventID == FeedPosition.made(7).description)
            #expect(reader.retry != nil)
        }
    }

    @Test func moreIsReadAtOnce() {
        var machine = LiveTailStateMachine(settings)
        _ = machine.add(everything, after: .now, at: start)
        _ = machine.next(at: start)
        machine.newestFound(.made(5), at: start)
        _ = machine.next(at: start)
        machine.readOn(page(6...6, hasMore: true), at: start)
        #expect(machine.next(at: start) == .readOn(after: .made(6)))
    }

    @Test func oneMoreThanMayListenIsRefused() {
        var machine = LiveTailStateMachine(settings)
        let ids = (0..<3).map { _ in machine.add(everything, after: .now, at: start) }
        #expect(!ids.contains(nil))
        #expect(machine.add(everything, after: .now, at: start) == nil)
        ids[1].map { machine.remove($0) }
        #expect(machine.add(everything, after: .now, at: start) != nil)
    }

    @Test func whoComesBackIsReadForUntilItIsWithTheOthers() throws {
        var machine = LiveTailStateMachine(settings)
        let id = try listen(&machine, everything, after: .position(.made(2)))
        _ = machine.next(at: start)
        machine.newestFound(.made(5), at: start)
        #expect(machine.next(at: start) == .look(for: [.made(2)]))
        machine.looked([.made(2): .held], at: start)
        // Nobody is at the shared position; it is kept all the same, for those who come next.
        #expect(machine.next(at: start) == .findNewest)
        machine.newestFound(.made(5), at: start)
        #expect(machine.next(at: start) == .catchUp(after: .made(2)))
        var reader = StreamReader()
        // The feed has grown since; what is behind the shared position comes with the others.
        read(&machine, id, into: &reader)
        machine.caughtUp(page(3...6), after: .made(2), at: start)
        read(&machine, id, into: &reader)
        #expect(reader.messages.map(\.data) == [#"{"n":3}"#, #"{"n":4}"#, #"{"n":5}"#])
        #expect(machine.next(at: start + .seconds(1)) == .readOn(after: .made(5)))
        machine.readOn(page(6...7), at: start)
        read(&machine, id, into: &reader)
        #expect(reader.messages.map(\.data).suffix(2) == [#"{"n":6}"#, #"{"n":7}"#])
    }

    @Test func oneReadingServesAllThatAreBehind() throws {
        var machine = LiveTailStateMachine(settings)
        let far = try listen(&machine, everything, after: .position(.made(2)))
        let near = try listen(&machine, everything, after: .position(.made(4)))
        _ = machine.next(at: start)
        machine.newestFound(.made(5), at: start)
        #expect(machine.next(at: start) == .look(for: [.made(2), .made(4)]))
        machine.looked([.made(2): .held, .made(4): .held], at: start)
        _ = machine.next(at: start)
        #expect(machine.next(at: start) == .catchUp(after: .made(2)))
        _ = machine.take(far, atMost: 1 << 20)
        machine.caughtUp(page(3...5), after: .made(2), at: start)
        var (farReader, nearReader) = (StreamReader(), StreamReader())
        read(&machine, far, into: &farReader)
        read(&machine, near, into: &nearReader)
        #expect(farReader.messages.count == 3 && nearReader.messages.map(\.data) == [#"{"n":5}"#])
        #expect(machine.listeners.values.allSatisfy { $0.standing == .live })
    }

    @Test func whoDoesNotReadIsReadForAgainWhenItDoesAndLosesNothing() throws {
        var machine = LiveTailStateMachine(settings)
        let slow = try listen(&machine, everything, after: .now)
        let quick = try listen(&machine, everything, after: .now)
        _ = machine.next(at: start)
        machine.newestFound(.made(1), at: start)
        var (slowReader, quickReader) = (StreamReader(), StreamReader())
        read(&machine, quick, into: &quickReader)
        for number in stride(from: 2, through: 20, by: 2) {
            machine.readOn(page(number...(number + 1)), at: start)
            read(&machine, quick, into: &quickReader)
        }
        #expect(quickReader.messages.count == 20)
        // The opening and two events are all that is kept for it, and nothing is asked for it until it takes them.
        #expect(machine.listeners[slow]?.standing == .catchingUp(.made(3)))
        let now = start + .seconds(1)
        #expect(machine.next(at: now) == .readOn(after: .made(21)))
        #expect(machine.next(at: now) == .wait(until: now + settings.pollInterval))
        read(&machine, slow, into: &slowReader)
        #expect(machine.next(at: now) == .catchUp(after: .made(3)))
        machine.caughtUp(page(4...21), after: .made(3), at: now)
        while machine.listeners[slow]?.standing != .live {
            read(&machine, slow, into: &slowReader)
            guard case .catchUp(let position) = machine.next(at: now) else { break }
            machine.caughtUp(page((Int(position.transaction) + 1)...21), after: position, at: now)
        }
        read(&machine, slow, into: &slowReader)
        #expect(slowReader.messages.map(\.data) == (2...21).map { #"{"n":\#($0)}"# })
    }

    @Test func aLargeEventIsSentToWhoeverHasTakenAllElse() throws {
        var settings = settings
        settings.mostBufferedBytes = 200
        var machine = LiveTailStateMachine(settings)
        let id = try listen(&machine, everything, after: .now)
        _ = machine.next(at: start)
        machine.newestFound(.made(1), at: start)
        let large = FedEvent.made(2, json: String(repeating: " ", count: 1_000))
        machine.readOn(FeedPage(events: [large], end: large.position), at: start)
        #expect(machine.listeners[id]?.standing == .catchingUp(.made(1)))
        #expect(machine.take(id, atMost: 1 << 20).hasRoomAgain)
        machine.caughtUp(FeedPage(events: [large], end: large.position), after: .made(1), at: start)
        #expect(machine.take(id, atMost: 1).bytes.count > 1_000)
        #expect(machine.listeners[id]?.standing == .live)
    }

    @Test func aPositionThatIsNotInTheFeedIsToldAndGoesOnFromNow() throws {
        var machine = LiveTailStateMachine(settings)
        let old = try listen(&machine, everything, after: .position(.made(2)))
        let odd = try listen(&machine, everything, after: LiveStart(lastEventID: "abc"))
        _ = machine.next(at: start)
        machine.newestFound(.made(50), at: start)
        _ = machine.next(at: start)
        machine.looked([.made(2): .lost], at: start)
        machine.readOn(page(51...51), at: start)
        for (id, reason) in [(old, "expired"), (odd, "unknown")] {
            var reader = StreamReader()
            read(&machine, id, into: &reader)
            #expect(reader.messages.map(\.type) == ["reset", "message"])
            #expect(reader.messages[0].data.contains(#""reason":"\#(reason)""#))
            #expect(reader.messages[0].id == FeedPosition.made(50).description)
        }
        #expect(machine.resets == 2)
    }

    @Test func aPositionThatAStandbyDoesNotHaveYetIsWaitedFor() throws {
        var machine = LiveTailStateMachine(settings)
        let id = try listen(&machine, everything, after: .position(.made(9)))
        _ = machine.next(at: start)
        machine.newestFound(.made(5), at: start)
        _ = machine.next(at: start)
        machine.looked([.made(9): .ahead], at: start)
        #expect(machine.next(at: start) == .findNewest)
        #expect(machine.next(at: start + settings.pollInterval) == .look(for: [.made(9)]))
        machine.looked([.made(9): .held], at: start + settings.pollInterval)
        // It waits until the others are there too.
        #expect(machine.listeners[id]?.standing == .catchingUp(.made(9)))
        #expect(machine.next(at: start + settings.pollInterval) == .findNewest)
    }

    @Test func aPositionThatNeverComesIsToldAsWell() throws {
        var machine = LiveTailStateMachine(settings)
        let id = try listen(&machine, everything, after: .position(.made(9)))
        _ = machine.next(at: start)
        machine.newestFound(.made(5), at: start)
        machine.looked([.made(9): .ahead], at: start)
        machine.looked([.made(9): .ahead], at: start + settings.mostLag)
        #expect(machine.listeners[id]?.standing == .live && machine.resets == 1)
    }

    @Test func aServerThatLacksWhatWasReadResetsEveryone() throws {
        var machine = LiveTailStateMachine(settings)
        let id = try listen(&machine, everything, after: .now)
        _ = machine.next(at: start)
        machine.newestFound(.made(50), at: start)
        _ = machine.next(at: start)
        machine.readOn(FeedPage(standing: .lost, end: .made(50)), at: start)
        #expect(machine.next(at: start) == .findNewest)
        machine.newestFound(.made(40), at: start)
        var reader = StreamReader()
        read(&machine, id, into: &reader)
        #expect(reader.messages.map(\.type) == ["reset"])
        #expect(reader.lastEventID == FeedPosition.made(40).description)
    }

    @Test func whoComesWhileTheEndIsLookedForMissesNothing() throws {
        var machine = LiveTailStateMachine(settings)
        _ = machine.add(everything, after: .position(.made(2)), at: start)
        _ = machine.next(at: start)
        machine.newestFound(.made(5), at: start)
        machine.looked([.made(2): .held], at: start)
        #expect(machine.next(at: start) == .findNewest)
        let newcomer = try listen(&machine, everything, after: .now)
        // It stands at 5 by now; the answer must not carry it past 6 and 7.
        machine.newestFound(.made(7), at: start)
        machine.readOn(page(6...7), at: start)
        var reader = StreamReader()
        read(&machine, newcomer, into: &reader)
        #expect(reader.messages.count == 2)
    }

    @Test func aHeartbeatTellsUpToWhereNothingConcernedTheListener() throws {
        var machine = LiveTailStateMachine(settings)
        let id = try listen(&machine, EventMatcher(EventQuery(.cluster("other"))), after: .now)
        _ = machine.next(at: start)
        machine.newestFound(.made(5), at: start)
        var reader = StreamReader()
        read(&machine, id, into: &reader)
        machine.readOn(page(6...8), at: start)
        _ = machine.next(at: start + .seconds(14))
        read(&machine, id, into: &reader)
        #expect(reader.comments == 0)
        _ = machine.next(at: start + .seconds(16))
        read(&machine, id, into: &reader)
        #expect(reader.comments == 1 && reader.messages.isEmpty)
        #expect(reader.lastEventID == FeedPosition.made(8).description)
        _ = machine.next(at: start + .seconds(30))
        read(&machine, id, into: &reader)
        #expect(reader.comments == 1)
    }

    @Test func afterAFailureTheArchiveIsLeftAloneForAWhile() {
        var machine = LiveTailStateMachine(settings)
        _ = machine.add(everything, after: .now, at: start)
        _ = machine.next(at: start)
        machine.failed(at: start)
        #expect(machine.next(at: start) == .wait(until: start + settings.retryInterval))
        #expect(machine.next(at: start + settings.retryInterval) == .findNewest)
    }
}
