import EventModel
import EventSchema
import EventWriter
import Logging
import Postgres
import TestSupport
import Testing

@Suite struct MigrationTests {
    private let logger = Logger(label: "test")

    @Test func severalMigrateAtOnceAndOnceMoreChangesNothing() async throws {
        let archive = try await TestArchive(migrated: false)
        // Each on a session that has already seen that there is no schema, while the first one is still at it.
        try await archive.writing.withConnection(deadline: TestArchive.soon) { holder in
            try await holder.transaction(deadline: TestArchive.soon) { holder in
                try await holder.execute("SELECT pg_advisory_xact_lock(\(0x6b65_6501))", deadline: TestArchive.soon)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 1...3 {
                        group.addTask {
                            try await EventSchema.migrate(archive.writing, logger: logger, deadline: TestArchive.soon)
                        }
                    }
                    try await waitingForTheLock(3, on: holder)
                    try await holder.execute(
                        "COMMIT; BEGIN",
                        deadline: TestArchive.soon
                    )
                    try await group.waitForAll()
                }
            }
        }
        #expect(try await archive.value("SELECT count(*) = max(version) FROM kee.schema_version") == "true")
        try await EventSchema.migrate(archive.writing, logger: logger, deadline: TestArchive.soon)
        try await EventSchema.check(archive.reading, deadline: TestArchive.soon)
        #expect(try await archive.value("SELECT count(*) = max(version) FROM kee.schema_version") == "true")
        await archive.close()
    }

    /// Asks until the server says that so many sessions wait for an advisory lock.
    private func waitingForTheLock(_ count: Int64, on connection: PostgresConnection) async throws {
        let waiting = PostgresStatement(
            """
            SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
            WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()
            """
        )
        while try await connection.query(waiting, deadline: TestArchive.soon).int64(0, 0) < count { await Task.yield() }
    }

    @Test func withoutASchemaTheCheckSaysHowToGetOne() async throws {
        let archive = try await TestArchive(migrated: false)
        let error = await #expect(throws: SchemaError.self) {
            try await EventSchema.check(archive.reading, deadline: TestArchive.soon)
        }
        #expect(error.map { "\($0)" }?.contains("kee-collector migrate") == true)
        await archive.close()
    }

    @Test func aNewerSchemaServesThisProgramUntilItSaysOtherwise() async throws {
        let archive = try await TestArchive()
        try await archive.execute("INSERT INTO kee.schema_version VALUES (99, 1)")
        try await EventSchema.migrate(archive.writing, logger: logger, deadline: TestArchive.soon)
        try await archive.execute("INSERT INTO kee.schema_version VALUES (100, 50)")
        let error = await #expect(throws: SchemaError.self) {
            try await EventSchema.migrate(archive.writing, logger: logger, deadline: TestArchive.soon)
        }
        #expect(error.map { "\($0)" }?.contains("upgrade it") == true)
        await archive.close()
    }

    @Test func aRoleThatMayOnlyReadCanStartOnAReadySchema() async throws {
        let archive = try await TestArchive()
        try await EventSchema.migrate(archive.reading, logger: logger, deadline: TestArchive.soon)
        await archive.close()
    }

    @Test func theReaderRoleSeesTheViewAndNothingElse() async throws {
        let archive = try await TestArchive()
        _ = try await archive.writer(cluster: "c").write([.sample(1)], deadline: TestArchive.soon)
        try await archive.writing.withConnection(deadline: TestArchive.soon) { connection in
            try await connection.execute("SET ROLE kee_reader", deadline: TestArchive.soon)
            let seen = try await connection.query(
                PostgresStatement("SELECT cluster, kind, name, component, host, count FROM kee.event_log"),
                deadline: TestArchive.soon
            )
            #expect((0..<5).map { seen.text(0, $0) } == ["c", "Pod", "web-1", "kubelet", "node-1"])
            #expect(seen.int32(0, 5) == 1)
            for table in ["event", "cluster", "tally", "rejected_event", "schema_version", "event_202611"] {
                let error = await #expect(throws: PostgresError.self) {
                    try await connection.execute("SELECT * FROM kee.\(table)", deadline: TestArchive.soon)
                }
                #expect(error?.sqlState == "42501")
            }
            try await connection.execute("RESET ROLE", deadline: TestArchive.soon)
        }
        await archive.close()
    }

    @Test(arguments: ["-99999999999", "99999999999", "1.5", "-999999999999999999999999999999"])
    func noCountThatSomebodyWritesMakesTheViewFail(count: String) async throws {
        let archive = try await TestArchive()
        let events = try ["\"series\":{\"count\":\(count)}", "\"count\":\(count)"].map { member in
            try Event(
                json: """
                    {"metadata":{"name":"a","namespace":"b","creationTimestamp":"2026-11-21T02:00:00Z"},
                    "involvedObject":{"kind":"Pod","name":"p"},\(member)}
                    """
            )
        }
        _ = try await archive.writer(cluster: "c").write(events, deadline: TestArchive.soon)
        let clamped = count.hasPrefix("-") ? Int32.min : count == "1.5" ? 2 : Int32.max
        #expect(
            try await archive.value("SELECT count(*) FROM kee.event_log WHERE count = \(clamped)") == "2"
        )
        await archive.close()
    }

    @Test func aReaderRoleThatWasMadeElsewhereGetsItsRights() async throws {
        let archive = try await TestArchive()
        // As in a database that was migrated before another one's administrator created the role.
        try await archive.execute(
            "REVOKE ALL ON kee.event_log FROM kee_reader; REVOKE ALL ON SCHEMA kee FROM kee_reader"
        )
        // One that may not give them only warns.
        try await EventSchema.migrate(archive.reading, logger: logger, deadline: TestArchive.soon)
        let mayRead =
            "has_schema_privilege('kee_reader', 'kee', 'USAGE')::text || has_table_privilege('kee_reader', 'kee.event_log', 'SELECT')"
        #expect(try await archive.value("SELECT \(mayRead)") == "falsefalse")
        try await EventSchema.migrate(archive.writing, logger: logger, deadline: TestArchive.soon)
        #expect(try await archive.value("SELECT \(mayRead)") == "truetrue")
        await archive.close()
    }
}
