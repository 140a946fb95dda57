import Coverage
import Logging
import ServiceLifecycle
import TestSupport
import Testing

@testable import Watch

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
            #expect(asked(server.requests) == ["compare", "watch 1000"])
        }
    }

    @Test func aSinkThatGivesUpEndsTheWatcherWithItsError() async throws {
        try await FakeAPIServer.run { server in
            server.put(names(0..<3))
            let watcher = watcher(server, RecordingSink(failsAfter: 0))
            await #expect(throws: RecordingSink.GivenUp.self) { try await watcher.run() }
            #expect(watcher.status.snapshot.position == nil)
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

    @Test func aCancelledWatcherEndsAndDeliversNothingMore() async throws {
        try await FakeAPIServer.run { server in
            let sink = RecordingSink()
            sink.isHeld.change { $0 = true }
            let watcher = watcher(server, sink, from: "1000")
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await watcher.run() }
                try await server.waitForWatches()
                server.put(names(0..<1))
                try await sink.asked.wait { $0 == 1 }
                server.put(names(1..<20))
                group.cancelAll()
                while let result = await group.nextResult() {
                    guard case .failure(let error) = result else { continue }
                    #expect(error is CancellationError)
                }
            }
            #expect(sink.asked.value == 1 && sink.batches.value.isEmpty)
            #expect(watcher.status.snapshot.activity == .stopped)
        }
    }

    @Test func theStatusTellsThatTheSinkHoldsTheWatcherBack() async throws {
        try await FakeAPIServer.run { server in
            let sink = RecordingSink()
            sink.isHeld.change { $0 = true }
            var options = Self.quick
            options.batchEvents = 1
            let status = WatchStatus()
            let made = status.snapshot.lastStep
            try await running(watcher(server, sink, from: "1000", status: status, options: options)) {
                try await server.waitForWatches()
                server.put(names(0..<3))
                try await eventually("the third event waits", ask: { status.snapshot.isHeldBack }, until: { $0 })
                #expect(status.snapshot.position?.resourceVersion == "1000")
                sink.isHeld.change { $0 = false }
                try await sink.wait(untilVersion: 1003)
            }
            #expect(!status.snapshot.isHeldBack && status.snapshot.lastStep > made)
            #expect(status.snapshot.position == sink.batches.value.last?.position)
        }
    }

    @Test func whatWaitedForTheSinkIsCoveredWhenTheServersVersionIsReached() async throws {
        try await FakeAPIServer.run { server in
            let sink = RecordingSink()
            sink.isHeld.change { $0 = true }
            var options = Self.quick
            options.batchEvents = 1
            // However quickly the sink is let go.
            options.longestFreshDelay = .nanoseconds(1)
            let watcher = watcher(server, sink, options: options)
            try await running(watcher) {
                try await server.waitForWatches()
                server.put(names(0..<3))
                try await eventually("an event waits", ask: { watcher.status.snapshot.isHeldBack }, until: { $0 })
                sink.isHeld.change { $0 = false }
                try await sink.wait(untilVersion: 1003)
                try await server.waitForRequests { requests in requests.contains { $0["limit"] == "1" } }
            }
            #expect(asked(server.requests).prefix(3) == ["list", "watch 1000", "compare"])
            #expect(sink.events == ["e0@1001", "e1@1002", "e2@1003"])
        }
    }
}
