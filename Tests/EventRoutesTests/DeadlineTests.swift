import EventWriter
import HTTPTypes
import HummingbirdTesting
import JSON
import NIOCore
import NIOPosix
import Postgres
import TestSupport
import Testing

@testable import EventRoutes

/// With a real PostgreSQL whose table somebody else has locked.
@Suite("Slow questions", .timeLimit(.minutes(3)))
struct DeadlineTests {
    private func filled() async throws -> TestArchive {
        let archive = try await TestArchive()
        let outcome = try await archive.writer(cluster: "prod").write(
            try (0..<3).map { try .sample($0) },
            deadline: TestArchive.soon
        )
        #expect(outcome.stored == 3)
        return archive
    }

    /// Statements of the readers that the database works on, or that wait in it.
    private static func busy(_ archive: TestArchive) async throws -> Int {
        let count = try await archive.value(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'"
                + " AND wait_event_type = 'Lock'"
        )
        return Int(count) ?? -1
    }

    /// Holds the table while `body` runs.
    private func locked(_ archive: TestArchive, _ body: @escaping @Sendable () async throws -> Void) async throws {
        let isLocked = Observed(false)
        let isDone = Observed(false)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await archive.writing.withConnection(deadline: TestArchive.soon) { connection in
                    try await connection.execute(
                        "BEGIN; LOCK TABLE kee.event IN ACCESS EXCLUSIVE MODE",
                        deadline: TestArchive.soon
                    )
                    isLocked.change { $0 = true }
                    _ = try? await isDone.wait(until: { $0 })
                    try await connection.execute("ROLLBACK", deadline: TestArchive.soon)
                }
            }
            try await isLocked.wait(until: { $0 })
            do {
                try await body()
            } catch {
                isDone.change { $0 = true }
                throw error
            }
            isDone.change { $0 = true }
            try await group.waitForAll()
        }
    }

    @Test func theDeadlineOfARequestBoundsEverything() async throws {
        let archive = try await filled()
        var served = try ServedAPI(over: archive.reader)
        served.settings.requestTimeout = .seconds(1)
        try await served.run { [served] client async throws in
            _ = served
            #expect(try await client.get("/events/prod").status == .ok)
            try await self.locked(archive) {
                let start = ContinuousClock.now
                for uri in ["/events/prod", "/events?limit=10", "/events/prod/shop/po"] {
                    let response = try await client.get(uri)
                    #expect(response.status == .serviceUnavailable)
                    #expect(response.headers[.retryAfter] != nil)
                }
                #expect(start.duration(to: .now) < .seconds(10))
                try await eventually("an idle database", ask: { try await Self.busy(archive) }) { $0 == 0 }
            }
            #expect(try await client.get("/events/prod").status == .ok)
        }
        await archive.close()
    }

    @Test func aClientThatHangsUpFreesTheDatabase() async throws {
        let archive = try await filled()
        var served = try ServedAPI(over: archive.reader)
        served.settings.requestTimeout = .seconds(60)
        try await served.run { [served] client async throws in
            _ = served
            let port = try #require(client.port)
            try await self.locked(archive) {
                let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                    .connect(host: "127.0.0.1", port: port).get()
                try await channel.writeAndFlush(
                    ByteBuffer(string: "GET /events/prod HTTP/1.1\r\nHost: x\r\n\r\n")
                )
                try await eventually("the query", ask: { try await Self.busy(archive) }) { $0 == 1 }
                let left = ContinuousClock.now
                try await channel.close()
                try await eventually("an idle database", ask: { try await Self.busy(archive) }) { $0 == 0 }
                let took = left.duration(to: .now)
                #expect(took < .seconds(5), "it is a second, on a machine that is not busy: \(took)")
            }
            #expect(try await client.get("/events/prod").status == .ok)
        }
        #expect(served.metric(#"kee_requests_total{method="GET",route="/events/{cluster}",status="499"}"#) == "1")
        #expect(served.metric(#"kee_requests_failed_total{route="/events/{cluster}"}"#) == "0")
        await archive.close()
    }
}
