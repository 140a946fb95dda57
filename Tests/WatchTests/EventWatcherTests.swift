import HTTPTransfer
import KubernetesAPI
import Logging
import MetricsTestKit
import ServiceLifecycle
import TestSupport
import Testing

@testable import Watch

/// The whole watcher against a server on a socket. Every test asserts what was asked, in order.
@Suite(.timeLimit(.minutes(1))) struct EventWatcherTests {
    private typealias Event = FakeAPIServer.Event

    /// Waits so short that a test of backing off is quick.
    private static var quick: WatchOptions {
        var options = WatchOptions()
        options.firstBackoff = .milliseconds(20)
        options.longestBackoff = .milliseconds(40)
        options.shortestEmptyWatch = .milliseconds(1)
        return options
    }

    private func watcher(
        _ server: FakeAPIServer,
        _ sink: RecordingSink,
        namespace: String? = nil,
        from version: String? = nil,
        token: TokenSource = .none,
        options: WatchOptions = EventWatcherTests.quick,
        metrics: TestMetrics = TestMetrics()
    ) -> EventWatcher {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return EventWatcher(
            client: KubernetesClient(
                configuration: ClientConfiguration(server: server.url, token: token),
                http: HTTPClient(),
                version: "test",
                logger: logger
            ),
            namespace: namespace,
            resumingFrom: version,
            sink: sink,
            options: options,
            metrics: WatchMetrics(factory: metrics),
            logger: logger
        )
    }

    /// Runs a watcher as long as the body does, then cancels it.
    private func running(_ watcher: EventWatcher, _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await watcher.run() }
            try await body()
            group.cancelAll()
        }
    }

    /// What was asked, without the parts that are drawn by lot or the same each time.
    private func asked(_ requests: [FakeAPIServer.Request]) -> [String] {
        requests.map { request in
            switch request.kind {
            case .watch: "watch \(request["resourceVersion"] ?? "")"
            case .list: request["continue"] == nil ? "list" : "list continued"
            case .version, .other: request.uri
            }
        }
    }

    private func names(_ range: Range<Int>) -> [Event] { range.map { Event(name: "e\($0)") } }

    @Test func twelveHundredEventsAreListedInPagesAndThenWatched() async throws {
        try await FakeAPIServer.run { server in
            server.put(names(0..<1200))
            let sink = RecordingSink()
            try await running(watcher(server, sink)) {
                try await sink.wait(untilVersion: 2200)
                #expect(sink.events.count == 1200 && Set(sink.events).count == 1200)
                server.put(names(1200..<1210))
                try await sink.wait(untilVersion: 2210)
            }
            #expect(sink.events.suffix(10) == (0..<10).map { "e\(1200 + $0)@\(2201 + $0)" }[...])
            #expect(asked(server.requests) == ["list", "list continued", "list continued", "watch 2200"])
            #expect(server.requests.first?.uri == "/api/v1/events?limit=500")
            // Until the list is complete, nothing may be remembered.
            let listed = sink.batches.value.prefix { $0.resourceVersion == nil }
            #expect(!listed.isEmpty)
        }
    }

    @Test func anEmptyClusterIsListedToo() async throws {
        try await FakeAPIServer.run { server in
            let sink = RecordingSink()
            let watcher = watcher(server, sink)
            try await running(watcher) {
                try await sink.wait(untilVersion: 1000)
                try await server.waitForWatches()
            }
            #expect(sink.batches.value == [WatchBatch(namespace: nil, objects: [], resourceVersion: "1000")])
            #expect(watcher.status.snapshot.deliveredVersion == "1000")
            #expect(watcher.status.snapshot.activity == .stopped)
        }
    }

    @Test func oneNamespaceIsWatchedByItself() async throws {
        try await FakeAPIServer.run { server in
            let sink = RecordingSink()
            try await running(watcher(server, sink, namespace: "shop")) {
                try await server.waitForWatches()
                server.put([Event(namespace: "other", name: "a"), Event(namespace: "shop", name: "b")])
                try await sink.wait(untilCount: 1)
            }
            #expect(sink.events == ["b@1002"])
            #expect(sink.batches.value.allSatisfy { $0.namespace == "shop" })
            #expect(Set(server.requests.map(\.path)) == ["/api/v1/namespaces/shop/events"])
        }
    }

    @Test func itResumesFromACursorWithoutAList() async throws {
        try await FakeAPIServer.run { server in
            server.put(names(0..<5))
            let sink = RecordingSink()
            try await running(watcher(server, sink, from: "1003")) { try await sink.wait(untilVersion: 1005) }
            #expect(sink.events == ["e3@1004", "e4@1005"])
            #expect(asked(server.requests) == ["watch 1003"])
        }
    }

    @Test func afterARestartOfTheServerItGoesOnWithoutARelist() async throws {
        try await FakeAPIServer.run { server in
            let sink = RecordingSink()
            try await running(watcher(server, sink)) {
                try await server.waitForWatches()
                server.put(names(0..<3))
                try await sink.wait(untilVersion: 1003)
                await server.stop()
                server.put(names(3..<6))
                try await server.start()
                try await sink.wait(untilVersion: 1006)
            }
            #expect(sink.events == (0..<6).map { "e\($0)@\(1001 + $0)" })
            let asked = asked(server.requests)
            #expect(asked.first == "list" && asked.last == "watch 1003")
            #expect(!asked.dropFirst().contains("list"))
        }
    }

    @Test func aCleanEndAndACutAreFollowedByAnImmediateWatchFromTheLastVersion() async throws {
        try await FakeAPIServer.run { server in
            let sink = RecordingSink()
            var options = Self.quick
            // Were one of the retries not immediate, the time limit of this suite would be over.
            options.firstBackoff = .seconds(600)
            options.longestBackoff = .seconds(1200)
            try await running(watcher(server, sink, from: "1000", options: options)) {
                try await server.waitForWatches()
                server.put(names(0..<1))
                try await sink.wait(untilVersion: 1001)
                server.endWatches()
                try await server.waitForRequests { $0.count == 2 }
                try await server.waitForWatches()
                server.put(names(1..<2))
                try await sink.wait(untilVersion: 1002)
                server.cutWatches(after: "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"resourceVersion\":\"9")
                try await server.waitForRequests { $0.count == 3 }
                try await server.waitForWatches()
                server.put(names(2..<3))
                try await sink.wait(untilVersion: 1003)
            }
            #expect(asked(server.requests) == ["watch 1000", "watch 1001", "watch 1002"])
            #expect(sink.events == ["e0@1001", "e1@1002", "e2@1003"])
        }
    }

    @Test func anExpiredVersionIsFollowedByAList() async throws {
        try await FakeAPIServer.run { server in
            server.put(names(0..<4))
            server.expireAll()
            let sink = RecordingSink()
            try await running(watcher(server, sink, from: "1002")) {
                try await server.waitForWatches()
                server.put(names(4..<5))
                try await sink.wait(untilVersion: 1006)
            }
            #expect(asked(server.requests) == ["watch 1002", "list", "watch 1005"])
            #expect(Set(sink.events) == ["e0@1001", "e1@1002", "e2@1003", "e3@1004", "e4@1006"])
        }
    }

    @Test(arguments: ["watch-410-too-old-rv-cache.http", "watch-resume-after-restart-cache.http"])
    func everyRecordedFormOf410IsFollowedByAList(recording: String) async throws {
        try await FakeAPIServer.run { server in
            server.refuseNext(1, [.watch], with: .bytes(try Recordings.watch(recording)))
            let sink = RecordingSink()
            try await running(watcher(server, sink, from: "7")) { try await server.waitForWatches() }
            #expect(asked(server.requests) == ["watch 7", "list", "watch 1000"])
        }
    }

    @Test func a410AsAnHTTPStatusIsFollowedByAList() async throws {
        try await FakeAPIServer.run { server in
            server.refuseNext(1, [.watch], with: .gone)
            try await running(watcher(server, RecordingSink(), from: "7")) { try await server.waitForWatches() }
            #expect(asked(server.requests) == ["watch 7", "list", "watch 1000"])
        }
    }

    @Test func aContinueTokenThatExpiresStartsTheListAgain() async throws {
        try await FakeAPIServer.run { server in
            server.put(names(0..<700))
            let sink = RecordingSink()
            sink.isHeld.change { $0 = true }
            var options = Self.quick
            options.pageLimit = 300
            options.batchEvents = 1
            try await running(watcher(server, sink, options: options)) {
                // The first page does not fit into what may wait, so the second was not asked for yet.
                try await sink.asked.wait { $0 == 1 }
                server.expireAll()
                sink.isHeld.change { $0 = false }
                try await sink.wait(untilVersion: 1701)
            }
            #expect(
                asked(server.requests).prefix(5)
                    == ["list", "list continued", "list", "list continued", "list continued"]
            )
            #expect(Set(sink.events).count == 700)
        }
    }

    @Test(arguments: [
        ("watch-etcd-frozen-70s.http", 19, "4261"), ("watch-gzip-nocache.http", 28, "2055"),
        ("watch-direct-core.http", 10, "1835"), ("watch-resume-after-restart-nocache.http", 50, "12371"),
    ])
    func recordedWatchesAreReadOffTheWire(recording: String, events: Int, lastVersion: String) async throws {
        try await FakeAPIServer.run { server in
            // The first of these recordings breaks off without its last chunk, as it did when etcd was frozen.
            server.refuseNext(1, [.watch], with: .truncated(try Recordings.watch(recording)))
            let sink = RecordingSink()
            try await running(watcher(server, sink, from: "7")) {
                try await server.waitForWatches()
                try await sink.wait(untilCount: events)
            }
            #expect(sink.events.count == events)
            #expect(asked(server.requests) == ["watch 7", "watch \(lastVersion)"])
        }
    }

    @Test func aRotatedTokenIsTakenUpAfterA401() async throws {
        let folder = try TemporaryDirectory()
        let file = try folder.write("first".utf8, to: "token")
        try await FakeAPIServer.run(security: .init(tokens: ["first"])) { server in
            let sink = RecordingSink()
            let watcher = watcher(server, sink, token: .file(file))
            try await running(watcher) {
                try await server.waitForWatches()
                server.put(names(0..<1))
                try await sink.wait(untilVersion: 1001)
                server.accept(tokens: ["second"])
                server.endWatches()
                try await server.waitForRequests { $0.count >= 4 }
                #expect(watcher.status.snapshot.standingError?.contains("Unauthorized") == true)
                try folder.write("second".utf8, to: "token")
                try await server.waitForWatches()
            }
            let authorizations = server.requests.map(\.authorization)
            #expect(authorizations.first == "Bearer first" && authorizations.last == "Bearer second")
            let asked = asked(server.requests)
            #expect(asked.prefix(2) == ["list", "watch 1000"])
            #expect(asked.dropFirst(2).allSatisfy { $0 == "watch 1001" })
        }
    }

    @Test func a403StandsInTheStatusUntilTheRightIsGranted() async throws {
        try await FakeAPIServer.run { server in
            server.refuseNext(3, with: .forbidden)
            let sink = RecordingSink()
            let watcher = watcher(server, sink)
            try await running(watcher) {
                try await server.waitForRequests { $0.count == 3 }
                #expect(watcher.status.snapshot.standingError?.contains("403 Forbidden: events is forbidden") == true)
                #expect(watcher.status.snapshot.failingSince != nil)
                try await server.waitForWatches()
                try await sink.wait(untilVersion: 1000)
                #expect(watcher.status.snapshot.standingError == nil)
            }
            #expect(asked(server.requests) == ["list", "list", "list", "list", "watch 1000"])
        }
    }

    @Test func a429IsFollowedByTheSameRequestAfterRetryAfter() async throws {
        try await FakeAPIServer.run { server in
            server.refuseNext(1, [.watch], with: .tooManyRequests)
            let clock = ContinuousClock()
            let start = clock.now
            try await running(watcher(server, RecordingSink(), from: "1000")) { try await server.waitForWatches() }
            #expect(asked(server.requests) == ["watch 1000", "watch 1000"])
            #expect(clock.now - start >= .seconds(1))
        }
    }

    @Test func troubleOfTheServerIsWaitedOut() async throws {
        try await FakeAPIServer.run { server in
            let metrics = TestMetrics()
            server.refuseNext(1, [.list], with: .gatewayTimeout)
            server.refuseNext(2, [.list], with: .close)
            server.refuseNext(1, [.watch], with: .gatewayTimeout)
            server.refuseNext(1, [.watch], with: .close)
            let sink = RecordingSink()
            try await running(watcher(server, sink, metrics: metrics)) {
                try await server.waitForWatches()
                server.put(names(0..<1))
                try await sink.wait(untilVersion: 1001)
            }
            #expect(asked(server.requests).last == "watch 1000" && sink.events == ["e0@1001"])
            #expect(try metrics.expectCounter("requests_failed_total", [("kind", "watch_open")]).values.count == 2)
            #expect(try metrics.expectCounter("watch_restarts_total", [("reason", "unavailable")]).values.count == 2)
            #expect(try metrics.expectCounter("watch_events_total", [("type", "added")]).values == [1])
            #expect(try metrics.expectTimer("request_processing_seconds", [("kind", "list")]).values.count == 1)
        }
    }

    @Test func deletedAndBookmarksBringNoEventButAdvanceTheVersion() async throws {
        try await FakeAPIServer.run { server in
            let event = Event(name: "e0")
            server.put([event, Event(name: "e1")])
            let sink = RecordingSink()
            try await running(watcher(server, sink, from: "1002")) {
                try await server.waitForWatches()
                server.delete([event])
                server.put(Event(name: "e2"))
                try await sink.wait(untilVersion: 1004)
                server.advance()
                server.sendBookmarks()
                server.cutWatches()
                try await server.waitForRequests { $0.count == 2 }
            }
            #expect(sink.events == ["e2@1004"])
            #expect(asked(server.requests) == ["watch 1002", "watch 1005"])
        }
    }

    @Test func aBadLineIsReadAgainAndThenPassedOver() async throws {
        try await FakeAPIServer.run { server in
            let sink = RecordingSink()
            try await running(watcher(server, sink, from: "1000")) {
                try await server.waitForWatches()
                server.sendToWatches("{\"type\":\"ADDED\",\"object\":\n")
                try await server.waitForRequests { $0.count == 2 }
                try await server.waitForWatches()
                server.sendToWatches("{\"type\":\"ADDED\",\"object\":\n")
                server.put(names(0..<1))
                try await sink.wait(untilVersion: 1001)
            }
            #expect(asked(server.requests) == ["watch 1000", "watch 1000"])
        }
    }
}

/// What lies between the watch and the sink.
extension EventWatcherTests {
    @Test func whileTheSinkIsBusyEventsAreGatheredAndThenTheStreamIsLeftAlone() async throws {
        try await FakeAPIServer.run { server in
            let sink = RecordingSink()
            sink.isHeld.change { $0 = true }
            var options = Self.quick
            options.batchEvents = 100
            try await running(watcher(server, sink, from: "1000", options: options)) {
                try await server.waitForWatches()
                server.put(Event(name: "first"))
                try await sink.asked.wait { $0 == 1 }
                server.put(names(0..<5000))
                sink.isHeld.change { $0 = false }
                try await sink.wait(untilVersion: 6001)
            }
            #expect(sink.events == ["first@1001"] + (0..<5000).map { "e\($0)@\(1002 + $0)" })
            #expect(sink.batches.value.allSatisfy { $0.objects.count <= 100 })
            #expect(sink.batches.value.first?.objects.count == 1)
            #expect(asked(server.requests) == ["watch 1000"])
        }
    }

    @Test func aSinkThatGivesUpEndsTheWatcherWithItsError() async throws {
        try await FakeAPIServer.run { server in
            server.put(names(0..<3))
            let watcher = watcher(server, RecordingSink(failsAfter: 0))
            await #expect(throws: RecordingSink.GivenUp.self) { try await watcher.run() }
            #expect(watcher.status.snapshot.deliveredVersion == nil)
        }
    }

    @Test func aGracefulShutdownDeliversWhatWasGathered() async throws {
        try await FakeAPIServer.run { server in
            let sink = RecordingSink()
            sink.isHeld.change { $0 = true }
            let watcher = watcher(server, sink, from: "1000")
            var logger = Logger(label: "test")
            logger.logLevel = .critical
            let group = ServiceGroup(services: [watcher], logger: logger)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                try await server.waitForWatches()
                server.put(names(0..<1))
                try await sink.asked.wait { $0 == 1 }
                server.put(names(1..<20))
                await group.triggerGracefulShutdown()
                sink.isHeld.change { $0 = false }
                try await tasks.waitForAll()
            }
            // Whatever had been read is delivered, without a hole.
            #expect(sink.events == (0..<sink.events.count).map { "e\($0)@\(1001 + $0)" })
            #expect(!sink.events.isEmpty)
            #expect(sink.version == "\(1000 + sink.events.count)")
        }
    }
}
