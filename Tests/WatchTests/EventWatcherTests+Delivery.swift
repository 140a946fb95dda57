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
