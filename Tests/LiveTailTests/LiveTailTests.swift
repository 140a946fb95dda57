import CoreMetrics
import EventReader
import Logging
import ServiceLifecycle
import TestSupport
import Testing

@testable import LiveTail

@Suite("A live tail that runs")
struct LiveTailTests {
    private var settings: LiveTailSettings {
        var settings = LiveTailSettings()
        settings.pollInterval = .milliseconds(10)
        settings.retryInterval = .milliseconds(10)
        settings.mostListeners = 60
        return settings
    }

    /// Runs a tail over a feed while `body` runs.
    private func running<Value: Sendable>(
        _ feed: any LiveFeed,
        _ settings: LiveTailSettings? = nil,
        _ body: @escaping @Sendable (LiveTail) async throws -> Value
    ) async throws -> Value {
        let tail = LiveTail(
            feed: feed,
            settings: settings ?? self.settings,
            metrics: NOOPMetricsHandler.instance,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await tail.run() }
            defer { group.cancelAll() }
            return try await within(.seconds(60), "the end of the test") { try await body(tail) }
        }
    }

    @Test func whatIsCommittedAfterListenReturnsComes() async throws {
        let feed = MadeFeed()
        try await running(feed) { tail in
            let listener = try await tail.listen(EventQuery(.everything), from: .now)
            feed.append(.made(2))
            var reader = StreamReader()
            while reader.messages.isEmpty { reader.read(try #require(await listener.next())) }
            #expect(reader.messages.map(\.data) == [#"{"n":2}"#])
        }
    }

    /// Fifty listeners that leave and come back all the time, while 500 events are committed.
    @Test func whoComesBackMissesNoneAndGetsNoneTwice() async throws {
        let feed = MadeFeed()
        try await running(feed) { tail in
            try await withThrowingTaskGroup(of: Void.self) { group in
                let arrived = Observed(0)
                for number in 0..<50 {
                    group.addTask {
                        var reader = StreamReader()
                        var random = SplitMix64(state: UInt64(number))
                        var isFirst = true
                        while reader.messages.count < 500 {
                            let start = LiveStart(lastEventID: reader.lastEventID)
                            let listener = try await tail.listen(EventQuery(.everything), from: start)
                            if isFirst { arrived.change { $0 += 1 } }
                            isFirst = false
                            for _ in 0..<Int.random(in: 1...8, using: &random) where reader.messages.count < 500 {
                                reader.read(try #require(await listener.next()))
                            }
                        }
                        #expect(reader.messages.map(\.data) == (2...501).map { #"{"n":\#($0)}"# })
                    }
                }
                try await arrived.wait { $0 == 50 }
                for number in 2...501 {
                    feed.append(.made(number))
                    if number % 10 == 0 { await Task.yield() }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func nobodyListeningTheFeedIsNotAsked() async throws {
        let feed = MadeFeed()
        try await running(feed) { tail in
            _ = try await tail.listen(EventQuery(.everything), from: .now)
            // The listener is gone by now; a question may be under way.
            var asked = -1
            while asked != feed.state.value.questions.count {
                asked = feed.state.value.questions.count
                try await Task.sleep(for: .milliseconds(100))
            }
            #expect(asked >= 1)
        }
    }

    @Test func aPlaceIsFreeWhenAListenerGoes() async throws {
        var settings = settings
        settings.mostListeners = 1
        try await running(MadeFeed(), settings) { tail in
            var listener: LiveListener? = try await tail.listen(EventQuery(.everything), from: .now)
            await #expect(throws: LiveTailError.full(1)) {
                try await tail.listen(EventQuery(.everything), from: .now)
            }
            listener?.close()
            #expect(await listener?.next() == nil)
            let second = try await tail.listen(EventQuery(.everything), from: .now)
            listener = nil
            await #expect(throws: LiveTailError.full(1)) {
                try await tail.listen(EventQuery(.everything), from: .now)
            }
            _ = second
        }
    }

    @Test func anArchiveThatDoesNotAnswerIsSaidAtOnceAndForgivenLater() async throws {
        let feed = MadeFeed()
        try await running(feed) { tail in
            feed.state.change { $0.failure = .unavailable }
            await #expect(throws: EventReaderError.unavailable) {
                try await tail.listen(EventQuery(.everything), from: .now)
            }
            feed.state.change { $0.failure = nil }
            let listener = try await tail.listen(EventQuery(.everything), from: .now)
            feed.state.change { $0.failure = .tooSlow }
            feed.append(.made(2))
            let asked = feed.state.value.questions.count
            try await feed.state.wait { $0.questions.count > asked + 3 }
            feed.state.change { $0.failure = nil }
            var reader = StreamReader()
            while reader.messages.isEmpty { reader.read(try #require(await listener.next())) }
            #expect(reader.messages.map(\.type) == ["message"])
        }
    }

    @Test func listenersHearWhenNothingHappens() async throws {
        var settings = settings
        settings.heartbeatInterval = .milliseconds(20)
        try await running(MadeFeed(), settings) { tail in
            let listener = try await tail.listen(EventQuery(.everything), from: .now)
            var reader = StreamReader()
            while reader.comments < 3 { reader.read(try #require(await listener.next())) }
            #expect(reader.messages.isEmpty && reader.lastEventID == FeedPosition.made(1).description)
        }
    }

    @Test func streamsEndWhenTheServiceStops() async throws {
        let tail = LiveTail(
            feed: MadeFeed(),
            settings: settings,
            metrics: NOOPMetricsHandler.instance,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [tail],
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            )
        )
        try await within(.seconds(60), "the end of the streams") {
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                let listener = try await tail.listen(EventQuery(.everything), from: .now)
                _ = await listener.next()
                tasks.addTask { #expect(await listener.next() == nil) }
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
                await #expect(throws: LiveTailError.over) {
                    try await tail.listen(EventQuery(.everything), from: .now)
                }
            }
        }
    }

    @Test func aRightThatIsRevokedCountsFromThenOn() async throws {
        let feed = MadeFeed()
        try await running(feed) { tail in
            let listener = try await tail.listen(EventQuery(.everything), from: .now)
            listener.restrict(to: .only(["prod": .only(["bank"])]))
            feed.append(.made(2))
            feed.append(.made(3, namespace: "bank"))
            var reader = StreamReader()
            while reader.messages.isEmpty { reader.read(try #require(await listener.next())) }
            #expect(reader.messages.map(\.data) == [#"{"n":3}"#])
        }
    }
}
