import Coverage
import HTTPTransfer
import KubernetesAPI
import MetricsTestKit
import TestSupport
import Testing

@testable import Watch

/// The whole watcher against a server on a socket. Every test asserts what was asked, in order.
@Suite(.timeLimit(.minutes(1))) struct EventWatcherTests {
    typealias Event = FakeAPIServer.Event

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
            let listed = sink.batches.value.prefix { $0.position == nil }
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
            #expect(sink.batches.value.map { $0.position?.resourceVersion } == ["1000"])
            #expect(watcher.status.snapshot.position?.resourceVersion == "1000")
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

    @Test func itResumesFromAPositionWithoutAWholeList() async throws {
        try await FakeAPIServer.run { server in
            server.put(names(0..<5))
            let sink = RecordingSink()
            try await running(watcher(server, sink, from: "1003")) { try await sink.wait(untilVersion: 1005) }
            #expect(sink.events == ["e3@1004", "e4@1005"])
            #expect(asked(server.requests) == ["compare", "watch 1003"])
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
                try await server.waitForRequests { $0.count == 3 }
                try await server.waitForWatches()
                server.put(names(1..<2))
                try await sink.wait(untilVersion: 1002)
                server.cutWatches(after: "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"resourceVersion\":\"9")
                try await server.waitForRequests { $0.count == 5 }
                try await server.waitForWatches()
                server.put(names(2..<3))
                try await sink.wait(untilVersion: 1003)
            }
            #expect(asked(server.requests) == ["compare", "watch 1000", "watch 1001", "compare", "watch 1002"])
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
            #expect(asked(server.requests) == ["compare", "watch 1002", "list", "watch 1005"])
            #expect(Set(sink.events) == ["e0@1001", "e1@1002", "e2@1003", "e3@1004", "e4@1006"])
        }
    }

    @Test(arguments: ["watch-410-too-old-rv-cache.http", "watch-resume-after-restart-cache.http"])
    func everyRecordedFormOf410IsFollowedByAList(recording: String) async throws {
        try await FakeAPIServer.run { server in
            server.refuseNext(1, [.watch], with: .bytes(try Recordings.watch(recording)))
            let sink = RecordingSink()
            try await running(watcher(server, sink, from: "7")) { try await server.waitForWatches() }
            #expect(asked(server.requests) == ["compare", "watch 7", "list", "watch 1000"])
        }
    }

    @Test func a410AsAnHTTPStatusIsFollowedByAList() async throws {
        try await FakeAPIServer.run { server in
            server.refuseNext(1, [.watch], with: .gone)
            try await running(watcher(server, RecordingSink(), from: "7")) { try await server.waitForWatches() }
            #expect(asked(server.requests) == ["compare", "watch 7", "list", "watch 1000"])
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
        try await FakeAPIServer.run(store: FakeAPIServer.Store(version: 20_000)) { server in
            // The first of these recordings breaks off without its last chunk, as it did when etcd was frozen.
            server.refuseNext(1, [.watch], with: .truncated(try Recordings.watch(recording)))
            let sink = RecordingSink()
            try await running(watcher(server, sink, from: "7")) {
                try await server.waitForWatches()
                try await sink.wait(untilCount: events)
            }
            #expect(sink.events.count == events)
            let isCut = recording == "watch-etcd-frozen-70s.http"
            let last = ["watch \(lastVersion)"]
            #expect(asked(server.requests) == ["compare", "watch 7"] + (isCut ? ["compare"] : []) + last)
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
            #expect(asked(server.requests) == ["compare", "watch 1000", "watch 1000"])
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

    @Test func aWatchOnADeadConnectionIsLeftWhenItsTimeIsOver() async throws {
        try await FakeAPIServer.run { server in
            // A head, and then nothing for ever, not even the end that was asked for.
            let recorded = try Recordings.watch("watch-future-rv-nocache.http")
            server.refuseNext(1, [.watch], with: .bytes(Array(recorded.dropLast("0\r\n\r\n".utf8.count))))
            var options = Self.quick
            options.watchSeconds = 1...1
            var timeouts = KubernetesClient.Timeouts()
            timeouts.watchOverrun = .milliseconds(100)
            let sink = RecordingSink()
            try await running(watcher(server, sink, from: "1000", options: options, timeouts: timeouts)) {
                try await server.waitForRequests { $0.count == 2 }
                server.put(names(0..<1))
                try await sink.wait(untilVersion: 1001)
            }
            #expect(asked(server.requests).prefix(4) == ["compare", "watch 1000", "compare", "watch 1000"])
        }
    }

    @Test func aPageThatIsTooLongIsAskedForInPieces() async throws {
        try await FakeAPIServer.run { server in
            server.put(names(0..<60))
            var limits = KubernetesClient.Limits()
            limits.page = 50_000
            let sink = RecordingSink()
            try await running(watcher(server, sink, limits: limits)) { try await sink.wait(untilVersion: 1060) }
            #expect(Set(sink.events).count == 60)
            #expect(server.requests.prefix(4).map { $0["limit"] } == ["500", "125", "31", "31"])
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
                try await server.waitForRequests { $0.count == 4 }
            }
            #expect(sink.events == ["e2@1004"])
            #expect(asked(server.requests) == ["compare", "watch 1002", "compare", "watch 1005"])
        }
    }
}
