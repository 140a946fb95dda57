import Postgres
import TestSupport
import Testing

@Suite("PostgreSQL's disk is full", .fewAtOnce, .timeLimit(.minutes(5)))
struct DiskFullTests {
    /// The error of a full disk comes from a trigger: what the collector sees of it is the same.
    @Test func eventsGoIntoTheSpoolUntilThereIsRoom() async throws {
        let database = try await PostgresServer.shared().freshDatabase()
        let folder = try TemporaryDirectory()
        let flags = ["--spool-dir", folder.file("spool"), "--database-patience", "500ms"]
        try await FakeAPIServer.run { api in
            let archive = LiveArchive(database: database, api: api)
            let kubeconfig = try Kubeconfig(server: api.url)
            try await withCollector(database, flags, kubeconfig: kubeconfig.path) { collector, management in
                try await api.waitForWatches()
                api.put(100, named: "before")
                try await archive.rows(100)
                try await execute(
                    """
                    CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                        RAISE 'could not extend file: No space left on device' USING ERRCODE = '53100';
                    END $$;
                    CREATE TRIGGER full_disk BEFORE INSERT ON kee.event EXECUTE FUNCTION full_disk()
                    """,
                    database
                )
                api.put(500, named: "no-room")
                try await management.waitForWatched(600)
                try await eventually("a spool", ask: { try await management.metric("kee_spool_records") }) { $0 > 0 }
                #expect(try await management.metric(#"kee_database_errors_total{class="53"}"#) > 0)
                #expect(collector.now.errors.contains("No space left on device (SQLSTATE 53100)"))
                #expect(try await Database.events(in: database) == 100)
                try await execute("DROP TRIGGER full_disk ON kee.event", database)
                try await archive.holdsAllOnce()
                try await archive.isAtRest(management)
                let rejected = try await Database.number("SELECT count(*) FROM kee.rejected_event", in: database)
                #expect(rejected == 0, "a full disk is no fault of an event")
            }
        }
    }

    private func execute(_ sql: String, _ database: String) async throws {
        try await Database.withSession(database) { try await $0.execute(sql, deadline: .now + .seconds(30)) }
    }
}
