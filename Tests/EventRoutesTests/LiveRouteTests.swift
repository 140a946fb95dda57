import Access
import EventModel
import EventReader
import EventWriter
import HTTPTypes
import HummingbirdTesting
import LiveTail
import Logging
import Postgres
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import EventRoutes

/// From writers through a real PostgreSQL to clients on real sockets.
@Suite("Live tails")
struct LiveRouteTests {
    private func served(
        over archive: TestArchive,
        _ change: (inout ServedAPI<EventReader>) -> Void = { _ in }
    ) throws -> ServedAPI<EventReader> {
        var served = try ServedAPI(over: archive.reader)
        served.feed = archive.reader
        served.settings.live.pollInterval = .milliseconds(20)
        change(&served)
        return served
    }

    /// Runs a service while `body` runs, which gets the port.
    private func running<Value: Sendable>(
        _ served: ServedAPI<EventReader>,
        _ body: @escaping @Sendable (Int) async throws -> Value
    ) async throws -> Value {
        try await served.run { client in try await body(try #require(client.port)) }
    }

    private func writing(_ range: Range<Int>, cluster: String, to archive: TestArchive, batch: Int = 5) async throws {
        let writer = archive.writer(cluster: cluster)
        for first in stride(from: range.lowerBound, to: range.upperBound, by: batch) {
            let numbers = first..<min(first + batch, range.upperBound)
            _ = try await writer.write(numbers.map { try Event.sample($0) }, deadline: TestArchive.soon)
        }
    }

    /// 50 clients, 500 events by several collectors, one of which commits late all the time; every client is cut off
    /// again and again, and goes on from where it was.
    @Test func everyClientGetsEachEventOnce() async throws {
        let archive = try await TestArchive()
        let served = try served(over: archive)
        let (clients, events) = (50, 500)
        try await running(served) { port in
            try await withThrowingTaskGroup(of: Void.self) { group in
                let connected = Observed(0)
                for number in 0..<clients {
                    group.addTask {
                        let client = LiveClient(port: port, agent: "live-\(number)")
                        var random = SplitMix64(state: UInt64(number))
                        var (seen, lastEventID, isFirst): ([String], String, Bool) = ([], "", true)
                        while seen.count < events {
                            let most = number % 5 == 0 ? events : Int.random(in: 20...200, using: &random)
                            let (already, first) = (seen.count, isFirst)
                            let reading = try await client.read(after: lastEventID) { reading in
                                if first, reading.lastEventID != "" { connected.change { $0 += 1 } }
                                return reading.messages.count >= min(most, events - already)
                            }
                            isFirst = false
                            lastEventID = reading.lastEventID
                            seen += try reading.messages.map { try $0.uid }
                        }
                        #expect(seen.count == events)
                        #expect(Set(seen) == Set((0..<events).map { "uid-\($0)" }))
                    }
                }
                try await connected.wait { $0 >= clients }
                for writer in 0..<4 {
                    group.addTask {
                        try await self.writing(writer * 125..<(writer + 1) * 125, cluster: "c\(writer)", to: archive)
                    }
                }
                group.addTask { try await self.holdingXminBack(archive) }
                try await group.waitForAll()
            }
        }
        await archive.close()
    }

    /// Transactions that begin early and end late, as those of a slow collector.
    private func holdingXminBack(_ archive: TestArchive) async throws {
        for _ in 0..<5 {
            try await archive.writing.withConnection(deadline: TestArchive.soon) { connection in
                try await connection.execute("BEGIN; SELECT pg_current_xact_id()", deadline: TestArchive.soon)
                try await connection.execute("SELECT pg_sleep(0.05)", deadline: TestArchive.soon)
                try await connection.execute("COMMIT", deadline: TestArchive.soon)
            }
        }
    }

    @Test func theHeadSaysThatNobodyIsToKeepIt() async throws {
        let archive = try await TestArchive()
        try await running(try served(over: archive)) { port in
            let reading = try await LiveClient(port: port).read { !$0.lastEventID.isEmpty }
            let head = reading.head.lowercased()
            #expect(head.hasPrefix("http/1.1 200"))
            for field in ["content-type: text/event-stream", "cache-control: no-store", "x-accel-buffering: no"] {
                #expect(head.contains(field + "\r\n"))
            }
        }
        await archive.close()
    }

    @Test func filtersAndPathsMeanWhatTheyMeanElsewhere() async throws {
        let archive = try await TestArchive()
        _ = try await archive.writer(cluster: "c").write([.sample(0)], deadline: TestArchive.soon)
        try await running(try served(over: archive)) { port in
            let paths = [
                "/events?type=Warning&reason=BackOff&reason=Failed": ["uid-1", "uid-3"],
                "/events/c/shop": ["uid-1", "uid-2"],
                "/events/c/shop/po/web-1?kind=Pod": ["uid-1"],
                "/events/c/bank/deploy": ["uid-3"],
            ]
            try await withThrowingTaskGroup(of: Void.self) { group in
                let connected = Observed(0)
                for (path, wanted) in paths {
                    group.addTask {
                        let reading = try await LiveClient(port: port, path: path).read { reading in
                            if reading.messages.isEmpty { connected.change { $0 += 1 } }
                            return reading.messages.count >= wanted.count
                        }
                        #expect(try reading.messages.map { try $0.uid } == wanted, "\(path)")
                    }
                }
                try await connected.wait { $0 >= paths.count }
                _ = try await archive.writer(cluster: "c").write(
                    [
                        .sample(1, name: "web-1", reason: "BackOff"),
                        .sample(2, name: "web-2", reason: "Pulled", type: "Normal", time: "2026-11-21T02:00:01Z"),
                        .sample(
                            3,
                            namespace: "bank",
                            kind: "Deployment",
                            apiVersion: "apps/v1",
                            reason: "Failed",
                            time: "2026-11-21T02:00:02Z"
                        ),
                    ],
                    deadline: TestArchive.soon
                )
                try await group.waitForAll()
            }
        }
        await archive.close()
    }

    @Test func whatMeansNothingForATailIsRefusedByName() async throws {
        let archive = try await TestArchive()
        try await served(over: archive).run { client in
            for (query, parameter) in [
                ("limit=5", "limit"), ("since=15m", "since"), ("until=1m", "until"), ("order=asc", "order"),
                ("perCluster=2", "perCluster"), ("continue=x", "continue"), ("tpye=x", "tpye"),
                ("lastEventId=%00", "lastEventId"), ("lastEventId=a&lastEventId=b", "lastEventId"),
            ] {
                let answer = try await client.get("/events?\(query)", accept: "text/event-stream")
                #expect(answer.status == .badRequest, "\(query)")
                #expect(try answer.parameter == parameter, "\(query)")
            }
            let unknown = try await client.get("/events/nowhere", accept: "text/event-stream")
            #expect(unknown.status == .notFound)
            let headers: HTTPFields = [.accept: "text/event-stream"]
            let head = try await client.execute(uri: "/events", method: .head, headers: headers)
            #expect(head.status == .ok && head.headers[.contentType] == "text/event-stream")
        }
        await archive.close()
    }

    @Test func aPlaceThatTheFeedDoesNotHaveIsToldOf() async throws {
        let archive = try await TestArchive()
        try await writing(0..<3, cluster: "c", to: archive, batch: 1)
        let old = try await archive.reader.newestFeedPosition(deadline: TestArchive.soon)
        try await writing(3..<5, cluster: "c", to: archive, batch: 1)
        try await archive.execute("DELETE FROM kee.feed WHERE xid <= '\(old.transaction)'")
        let served = try served(over: archive)
        try await running(served) { port in
            for (id, reason) in [(old.description, "expired"), ("0-17", "unknown")] {
                let reading = try await LiveClient(port: port).read(after: id) { !$0.messages.isEmpty }
                #expect(reading.messages.map(\.type) == ["reset"])
                #expect(reading.messages[0].data.contains(reason))
                let inURL = try await LiveClient(port: port, path: "/events?lastEventId=\(id)").read {
                    !$0.messages.isEmpty
                }
                #expect(inURL.messages.map(\.type) == ["reset"])
            }
            let newest = try await archive.reader.newestFeedPosition(deadline: TestArchive.soon)
            try await self.writing(5..<6, cluster: "c", to: archive)
            let path = "/events?lastEventId=\(newest)"
            let resumed = try await LiveClient(port: port, path: path).read { !$0.messages.isEmpty }
            #expect(try resumed.messages.map { try $0.uid } == ["uid-5"])
        }
        #expect(served.metric("kee_live_resets_total") == "4")
        await archive.close()
    }

    @Test func aQuietStreamIsKeptAlive() async throws {
        let archive = try await TestArchive()
        let served = try served(over: archive) { $0.settings.live.heartbeatInterval = .milliseconds(50) }
        try await running(served) { port in
            let reading = try await LiveClient(port: port).read { $0.comments >= 3 }
            #expect(reading.messages.isEmpty)
        }
        await archive.close()
    }

    @Test func aClientThatLeavesFreesItsPlaceWithinASecond() async throws {
        let archive = try await TestArchive()
        let served = try served(over: archive) { $0.settings.live.mostListeners = 1 }
        try await running(served) { port in
            for _ in 0..<3 {
                _ = try await LiveClient(port: port).read { reading in
                    #expect(reading.head.hasPrefix("HTTP/1.1 200"))
                    let second = try await LiveClient(port: port).read { _ in true }
                    #expect(second.head.hasPrefix("HTTP/1.1 503"))
                    #expect(second.head.lowercased().contains("retry-after:"))
                    return true
                }
                try await eventually(within: .seconds(1), "a free place", ask: { served.metric("kee_live_listeners") })
                {
                    $0 == "0"
                }
            }
        }
        await archive.close()
    }

    @Test func aClientThatDoesNotReadIsCutOff() async throws {
        let archive = try await TestArchive()
        let served = try served(over: archive) { $0.settings.liveWriteTimeout = .milliseconds(400) }
        try await running(served) { port in
            let client = try await SilentClient(port: port)
            try await client.write("GET /events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n")
            try await eventually("a listener", ask: { served.metric("kee_live_listeners") }) { $0 == "1" }
            // More than the kernel's buffers and the listener's together.
            let writer = archive.writer(cluster: "c")
            let message = String(repeating: "long ", count: 6_000)
            for first in stride(from: 0, to: 200, by: 50) {
                let batch = try (first..<first + 50).map { try Event.sample($0, message: message) }
                _ = try await writer.write(batch, deadline: TestArchive.soon)
            }
            try await eventually("its end", ask: { served.metric("kee_live_listeners") }) { $0 == "0" }
            try await client.close()
        }
        await archive.close()
    }

    @Test func streamsEndAtOnceWhenTheServiceStops() async throws {
        let archive = try await TestArchive()
        let served = try served(over: archive)
        let port = Observed(0)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [served.application(onListening: { bound in port.change { $0 = bound } })],
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            )
        )
        let start = ContinuousClock.now
        try await within(.seconds(60), "the end of the service") {
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                let bound = try await port.wait { $0 != 0 }
                let open = Observed(0)
                for _ in 0..<10 {
                    tasks.addTask {
                        let reading = try await LiveClient(port: bound).read { reading in
                            if !reading.lastEventID.isEmpty { open.change { $0 += 1 } }
                            return false
                        }
                        #expect(reading.hasEnded)
                    }
                }
                try await open.wait { $0 == 10 }
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
        }
        #expect(ContinuousClock.now - start < .seconds(30))
        await archive.close()
    }
}
