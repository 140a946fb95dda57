import EventModel
import EventReader
import EventSchema
import EventWriter
import Logging
import Postgres
import TestSupport
import Testing

/// The rights that docs/database.md gives to each program are enough.
@Suite struct LeastRightsTests {
    private let logger = Logger(label: "test")

    @Test func theCollectorOwnsItsSchemaAndTheQueryServiceOnlyReads() async throws {
        let archive = try await TestArchive(migrated: false)
        let (collector, query) = (
            "kee_c_\(UInt32.random(in: 0...UInt32.max))", "kee_q_\(UInt32.random(in: 0...UInt32.max))"
        )
        try await archive.execute(
            "CREATE ROLE \(collector) LOGIN; CREATE ROLE \(query) LOGIN; CREATE SCHEMA kee AUTHORIZATION \(collector)"
        )
        let writing = pool(archive, as: collector)
        try await EventSchema.migrate(writing, logger: logger, deadline: TestArchive.soon)
        try await writing.withConnection(deadline: TestArchive.soon) { connection in
            try await connection.execute(
                """
                GRANT USAGE ON SCHEMA kee TO \(query);
                GRANT SELECT ON ALL TABLES IN SCHEMA kee TO \(query);
                ALTER DEFAULT PRIVILEGES IN SCHEMA kee GRANT SELECT ON TABLES TO \(query);
                """,
                deadline: TestArchive.soon
            )
        }
        let writer = EventWriter(cluster: "c", pool: writing, logger: logger)
        #expect(try await writer.write([.sample(1)], deadline: TestArchive.soon).stored == 1)

        let reading = pool(archive, as: query)
        try await EventSchema.migrate(reading, logger: logger, deadline: TestArchive.soon)
        let reader = EventReader(pool: reading, logger: logger)
        #expect(try await reader.page(EventQuery(.cluster("c")), limit: 5, deadline: TestArchive.soon).count == 1)
        #expect(try await reader.newestOfEachCluster(5, deadline: TestArchive.soon).count == 1)
        let error = await #expect(throws: PostgresError.self) {
            _ = try await EventWriter(cluster: "c", pool: reading, logger: logger).write(
                [.sample(2)],
                deadline: TestArchive.soon
            )
        }
        #expect(["42501", "25006"].contains(error?.sqlState))
        await reading.shutdown()
        await writing.shutdown()
        try await archive.execute("DROP SCHEMA kee CASCADE; DROP ROLE \(collector); DROP ROLE \(query)")
        await archive.close()
    }

    private func pool(_ archive: TestArchive, as role: String) -> PostgresPool {
        PostgresPool(
            PostgresConfiguration(
                connectionString: archive.connectionString.replacing("user=postgres", with: "user=\(role)"),
                applicationName: "kee-tests",
                connectTimeout: .seconds(10),
                sessionSetup: []
            ),
            maxConnections: 2
        )
    }
}
