import Coverage
import KubernetesAPI
import MetricsTestKit
import TestSupport
import Testing

@testable import Watch

/// Histories that cannot be gone on with, and events that cannot be read, over sockets.
extension EventWatcherTests {
    private func lastStretch(_ sink: RecordingSink) -> CoverageStretch? {
        sink.batches.value.compactMap(\.position).last?.stretch
    }

    @Test func anEarlierRunsStretchGoesOn() async throws {
        try await FakeAPIServer.run { server in
            server.put(names(0..<3))
            let sink = RecordingSink()
            try await running(watcher(server, sink, from: "1001")) { try await sink.wait(untilVersion: 1003) }
            let stretch = lastStretch(sink)
            #expect(stretch?.since == 1_000_000_000 && stretch?.cause == .first)
            // At the end of the backlog it is covered until now.
            #expect(try #require(stretch).until > 1_600_000_000_000_000)
        }
    }

    @Test func aVersionThatTheServerHasNotReachedIsFollowedByAListAndANewStretch() async throws {
        try await FakeAPIServer.run { server in
            server.put(names(0..<2))
            let sink = RecordingSink()
            try await running(watcher(server, sink, from: "5000")) {
                try await sink.wait(untilVersion: 1002)
                try await server.waitForWatches()
            }
            #expect(asked(server.requests) == ["compare", "list", "watch 1002"])
            #expect(lastStretch(sink)?.cause == .restored)
            #expect(Set(sink.events) == ["e0@1001", "e1@1002"])
        }
    }

    @Test func aRestoredEtcdIsFoundWhenTheServerIsBack() async throws {
        try await FakeAPIServer.run { server in
            let sink = RecordingSink()
            try await running(watcher(server, sink)) {
                try await server.waitForWatches()
                server.put(names(0..<5))
                try await sink.wait(untilVersion: 1005)
                await server.stop()
                var backup = FakeAPIServer.Store(version: 900)
                backup.put(Event(name: "old"))
                server.restore(backup)
                try await server.start()
                try await sink.wait(untilVersion: 901)
                try await server.waitForWatches()
                server.put(Event(name: "new"))
                try await sink.wait(untilVersion: 902)
            }
            #expect(sink.events.suffix(2) == ["old@901", "new@902"])
            #expect(lastStretch(sink)?.cause == .restored)
            #expect(asked(server.requests).suffix(3) == ["compare", "list", "watch 901"])
        }
    }

    @Test func watchesThatEndAtOnceAreFollowedByAList() async throws {
        try await FakeAPIServer.run { server in
            server.refuseNext(2, [.watch], with: .emptyWatch)
            server.advance()
            let sink = RecordingSink()
            var options = Self.quick
            options.shortestEmptyWatch = .seconds(30)
            let earlier = watcher(server, sink, from: "1000", options: options)
            try await running(earlier) { try await server.waitForWatches() }
            #expect(asked(server.requests) == ["compare", "watch 1000", "watch 1000", "list", "watch 1000"])
        }
    }

    @Test func aGapIsLeftOnlyWhereSomethingHappened() async throws {
        try await FakeAPIServer.run { server in
            let sink = RecordingSink()
            try await running(watcher(server, sink)) {
                try await server.waitForWatches()
                server.put(names(0..<1))
                try await sink.wait(untilVersion: 1001)
                server.expireAll()
                server.endWatches()
                try await sink.wait(untilVersion: 1002)
                try await server.waitForWatches()
                #expect(lastStretch(sink)?.cause == .first)
                server.refuseNext(1, [.watch], with: .gone)
                server.endWatches()
                try await server.waitForRequests { $0.count >= 6 }
                try await server.waitForWatches()
                #expect(lastStretch(sink)?.cause == .first)
                await server.stop()
                server.put(names(1..<3))
                server.expireAll()
                try await server.start()
                try await sink.wait(untilVersion: 1005)
            }
            #expect(lastStretch(sink)?.cause == .expired)
            #expect(Set(sink.events) == ["e0@1001", "e1@1003", "e2@1004"])
        }
    }

    @Test func aBadLineIsReadAgainAndThenPassedOverAndEndsTheStretch() async throws {
        try await FakeAPIServer.run { server in
            let sink = RecordingSink()
            let metrics = TestMetrics()
            try await running(watcher(server, sink, from: "1000", metrics: metrics)) {
                try await server.waitForWatches()
                server.sendToWatches("{\"type\":\"ADDED\",\"object\":\n")
                try await server.waitForRequests { $0.count == 3 }
                try await server.waitForWatches()
                server.sendToWatches("{\"type\":\"ADDED\",\"object\":\n")
                server.put(names(0..<1))
                try await sink.wait(untilVersion: 1001)
            }
            #expect(asked(server.requests) == ["compare", "watch 1000", "watch 1000"])
            #expect(lastStretch(sink)?.cause == .unreadable)
            #expect(try metrics.expectCounter("watch_unreadable_total").totalValue == 1)
        }
    }

    @Test func anEventThatIsTooLongIsPassedOverAndEndsTheStretchAndItsExpiryDoesNot() async throws {
        try await FakeAPIServer.run { server in
            let sink = RecordingSink()
            let metrics = TestMetrics()
            var limits = KubernetesClient.Limits()
            limits.watchLine = 2000
            try await running(watcher(server, sink, from: "1000", limits: limits, metrics: metrics)) {
                try await server.waitForWatches()
                let long = Event(name: "long", message: String(repeating: "x", count: 100_000))
                server.put([long, Event(name: "short")])
                try await sink.wait(untilVersion: 1002)
                let since = lastStretch(sink)?.since
                server.delete([long])
                server.put(names(0..<1))
                try await sink.wait(untilVersion: 1004)
                #expect(lastStretch(sink)?.since == since)
            }
            #expect(sink.events == ["short@1002", "e0@1004"])
            #expect(lastStretch(sink)?.cause == .unreadable)
            #expect(try metrics.expectCounter("watch_unreadable_total").totalValue == 1)
            #expect(asked(server.requests) == ["compare", "watch 1000"])
        }
    }

    @Test func aComparisonThatIsRefusedStandsInTheStatusAndIsMadeAgain() async throws {
        try await FakeAPIServer.run { server in
            server.refuseNext(2, [.list], with: .forbidden)
            let watcher = watcher(server, RecordingSink(), from: "1000")
            try await running(watcher) {
                try await server.waitForRequests { $0.count == 2 }
                try await server.waitForWatches()
                #expect(watcher.status.snapshot.standingError == nil)
            }
            #expect(asked(server.requests) == ["compare", "compare", "compare", "watch 1000"])
        }
    }
}
