import TestSupport
import Testing

@Suite("The only synchronous standby is gone", .fewAtOnce, .timeLimit(.minutes(5)))
struct HungCommitTests {
    @Test func commitsThatHangAreGivenUpAndSpooled() async throws {
        let server = try await PostgresServer.start()
        let database = try await server.freshDatabase()
        let folder = try TemporaryDirectory()
        let flags = [
            "--spool-dir", folder.file("spool"), "--database-patience", "500ms", "--spool-patience", "1s",
        ]
        try await FakeAPIServer.run { api in
            let archive = LiveArchive(database: database, api: api)
            let kubeconfig = try Kubeconfig(server: api.url)
            try await withCollector(database, flags, kubeconfig: kubeconfig.path) { _, management in
                try await api.waitForWatches()
                api.put(100, named: "before")
                try await archive.rows(100)
                try await archive.isAtRest(management)

                try await server.configure("synchronous_standby_names", "nobody")
                api.put(1000, named: "hanging")
                try await management.waitForWatched(1100)
                try await eventually("a spool", ask: { try await management.metric("kee_spool_records") }) { $0 > 0 }
                let answer = try await eventually(
                    "unreadiness",
                    ask: { try await management.get("/readyz") },
                    until: { $0.status == 503 }
                )
                #expect(answer.text.hasPrefix("database: "), "\(answer)")
                #expect(answer.text.contains("events wait in the spool for"), "\(answer)")
                #expect(try await management.get("/livez").text == "ok\n")
                // What was given up does not hang on in the server and take up its connections.
                let hanging = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
                #expect(try await Database.number(hanging, in: database) <= 3)

                try await server.configure("synchronous_standby_names", "")
                try await archive.holdsAllOnce()
                try await archive.isAtRest(management)
                try await eventually("readiness", ask: { try await management.get("/readyz").status }) { $0 == 200 }
                #expect(api.wholeLists == 1)
            }
        }
        try await server.stop(.immediate)
    }
}
