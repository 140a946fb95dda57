import Coverage
import KubernetesAPI
import MetricsTestKit
import Synchronization
import TestSupport
import Testing

@testable import Watch

/// Watches that say nothing, over sockets.
extension EventWatcherTests {
    /// A silence is one after 90 ms.
    private static var impatient: WatchOptions {
        var options = quick
        options.silence = .milliseconds(90)
        return options
    }

    @Test func aWatchThatDiedWithoutAWordIsReplacedAndNothingIsMissed() async throws {
        try await FakeAPIServer.run { server in
            server.refuseNext(1, [.watch], with: .silentWatch)
            let sink = RecordingSink()
            let metrics = TestMetrics()
            try await running(watcher(server, sink, options: Self.impatient, metrics: metrics)) {
                try await server.waitForRequests { $0.count >= 2 }
                // Nobody tells the first watch.
                server.put(names(0..<3))
                try await sink.wait(untilVersion: 1003)
                // It is let go; what is open is the second.
                try await server.waitForWatches()
            }
            #expect(sink.events == ["e0@1001", "e1@1002", "e2@1003"])
            #expect(asked(server.requests).prefix(3) == ["list", "watch 1000", "watch 1000"])
            #expect(try metrics.expectCounter("watch_restarts_total", [("reason", "silent")]).totalValue >= 1)
            let stretches = Set(sink.batches.value.compactMap { $0.position?.stretch.since })
            #expect(stretches.count == 1)
        }
    }

    @Test func inAQuietClusterThePositionMovesAllTheSame() async throws {
        try await FakeAPIServer.run { server in
            server.put(names(0..<2))
            let sink = RecordingSink()
            var options = Self.impatient
            options.versionRefresh = .milliseconds(250)
            try await running(watcher(server, sink, options: options)) {
                try await server.waitForWatches()
                // Other kinds of objects change.
                server.advance()
                // By a second watch from the old version, and then by a list.
                try await sink.wait(untilVersion: 1003)
                try await server.waitForRequests { requests in
                    requests.contains { $0["watch"] == "true" && $0["resourceVersion"] == "1003" }
                }
            }
            let asked = asked(server.requests)
            #expect(asked.prefix(2) == ["list", "watch 1002"])
            #expect(asked.filter { $0 == "list" }.count >= 2 && Set(asked) == ["list", "watch 1002", "watch 1003"])
            let positions = sink.batches.value.compactMap(\.position)
            #expect(positions.allSatisfy { $0.stretch.since == positions[0].stretch.since })
            #expect(positions.map(\.stretch.until) == positions.map(\.stretch.until).sorted())
            #expect(Set(positions.map(\.stretch.until)).count >= 3)
            // The list that checks brings nothing that was brought before.
            #expect(sink.events == ["e0@1001", "e1@1002"])
        }
    }

    @Test func whenNoSecondWatchCanBeOpenedTheFirstIsReadOn() async throws {
        try await FakeAPIServer.run { server in
            let sink = RecordingSink()
            var options = Self.impatient
            options.versionRefresh = .seconds(3600)
            let watcher = watcher(server, sink, options: options)
            try await running(watcher) {
                try await server.waitForWatches()
                server.refuseNext(1_000_000, [.watch, .list], with: .gatewayTimeout)
                let failed = try await eventually(
                    "the second watch fails twice",
                    ask: { watcher.status.snapshot },
                    until: { $0.failures >= 2 }
                )
                #expect(failed.standingError?.contains("504") == true && failed.activity == .watching)
                server.put(names(0..<1))
                try await sink.wait(untilVersion: 1001)
            }
            #expect(sink.events == ["e0@1001"])
            #expect(!asked(server.requests).contains("compare"))
        }
    }

    @Test func aSecondWatchThatGetsNoHeadIsGivenUp() async throws {
        try await FakeAPIServer.run { server in
            let sink = RecordingSink()
            var timeouts = KubernetesClient.Timeouts()
            timeouts.watchOpen = .milliseconds(200)
            try await running(watcher(server, sink, options: Self.impatient, timeouts: timeouts)) {
                try await server.waitForWatches()
                server.refuseNext(1, [.watch], with: .nothing)
                try await server.waitForRequests { $0.count >= 3 }
                server.put(names(0..<1))
                try await sink.wait(untilVersion: 1001)
            }
            #expect(asked(server.requests).prefix(3) == ["list", "watch 1000", "watch 1000"])
        }
    }

    @Test func aSecondWatchThatGetsA410IsFollowedByAListThatProvesTheQuiet() async throws {
        try await FakeAPIServer.run { server in
            let sink = RecordingSink()
            try await running(watcher(server, sink, options: Self.impatient)) {
                try await server.waitForWatches()
                server.expireAll()
                try await sink.wait(untilVersion: 1001)
                try await server.waitForWatches()
            }
            // More than two of them, should the first silence have come before the version expired.
            let afterWatches = asked(server.requests).dropFirst().drop { $0 == "watch 1000" }
            #expect(afterWatches.prefix(2) == ["list", "watch 1001"])
            #expect(sink.batches.value.last?.position?.stretch.cause == .first)
        }
    }

    @Test func aClockThatIsSetBackDoesNotStopTheChecks() async throws {
        try await FakeAPIServer.run { server in
            let sink = RecordingSink()
            let offset = Atomic<Int64>(0)
            var watcher = watcher(server, sink, options: Self.impatient)
            watcher.now = {
                var now = WatchMoment.now
                now.microseconds += offset.load(ordering: .relaxed)
                return now
            }
            try await running(watcher) {
                try await server.waitForWatches()
                offset.store(-3_600_000_000, ordering: .relaxed)
                server.put(names(0..<1))
                try await sink.wait(untilVersion: 1001)
                let asked = server.requests.count
                try await server.waitForRequests { $0.count >= asked + 2 }
            }
            let stretches = sink.batches.value.compactMap { $0.position?.stretch }
            #expect(stretches.allSatisfy { $0.until >= $0.since && $0.since == stretches[0].since })
        }
    }
}
