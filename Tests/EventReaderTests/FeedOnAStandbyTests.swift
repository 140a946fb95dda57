import EventModel
import EventReader
import EventSchema
import EventWriter
import Logging
import Postgres
import TestSupport
import Testing

@Suite("The feed on a standby", .timeLimit(.minutes(5)))
struct FeedOnAStandbyTests {
    private var soon: ContinuousClock.Instant { TestArchive.soon }

    private func pool(_ server: PostgresServer, _ setup: [String] = []) -> PostgresPool {
        PostgresPool(
            PostgresConfiguration(
                connectionString: server.connectionString(database: "postgres"),
                applicationName: "kee-tests",
                connectTimeout: .seconds(10),
                sessionSetup: setup
            ),
            maxConnections: 2
        )
    }

    /// What LISTEN could not do. And when the standby takes over, a tail goes on where it was, unless what it read last is
    /// lost: that it is told.
    @Test func aTailReadsFromAStandbyAndSeesWhatAFailoverTookBack() async throws {
        let primary = try await PostgresServer.start()
        let writing = pool(primary)
        let logger = Logger(label: "test")
        try await EventSchema.migrate(writing, logger: logger, deadline: soon)
        let writer = EventWriter(cluster: "c", pool: writing, logger: logger)
        _ = try await writer.write([.sample(1)], deadline: soon)
        let standby = try await PostgresServer.standby(of: primary)
        let following = pool(standby, EventReader.sessionSetup)
        let reader = EventReader(pool: following, logger: logger)
        let start = try await reader.newestFeedPosition(deadline: soon)
        _ = try await writer.write([.sample(2), .sample(3)], deadline: soon)
        let page = try await eventually(
            "what was committed since",
            ask: { try await reader.feed(after: start, limit: 10, deadline: soon) }
        ) {
            !$0.events.isEmpty
        }
        #expect(page.events.count == 2 && page.standing == .held)

        // The primary goes on alone, and is lost with what it wrote then.
        try await standby.stop(.fast)
        _ = try await writer.write([.sample(4)], deadline: soon)
        let onPrimary = EventReader(pool: writing, logger: logger)
        let ahead = try await onPrimary.newestFeedPosition(deadline: soon)
        try await primary.stop(.immediate)
        await writing.shutdown()
        try await standby.start()
        try await eventually("the standby", ask: { try? await reader.newestFeedPosition(deadline: soon) }) { $0 != nil }
        try await standby.promote()
        #expect(try await reader.standing(of: [page.end, ahead], deadline: soon) == [.held, .ahead])
        let promoted = pool(standby)
        let successor = EventWriter(cluster: "c", pool: promoted, logger: logger)
        for number in 5...8 { _ = try await successor.write([.sample(number)], deadline: soon) }
        #expect(try await reader.standing(of: [page.end, ahead], deadline: soon) == [.held, .lost])
        #expect(try await reader.feed(after: page.end, limit: 10, deadline: soon).events.count == 4)
        await promoted.shutdown()
        await following.shutdown()
        try await standby.stop(.immediate)
    }
}
