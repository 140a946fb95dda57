import TestSupport
import Testing

/// What needs 30 s of patience is in `DatabaseAwayTests`, so that one wait serves for all of it.
@Suite("Which part is not ready", .fewAtOnce, .timeLimit(.minutes(5)))
struct HealthTests {
    @Test func theWatchWhenNoListWasToBeHadYet() async throws {
        let database = try await PostgresServer.shared().freshDatabase()
        try await FakeAPIServer.run { api in
            await api.stop()
            let kubeconfig = try Kubeconfig(server: api.url)
            try await withCollector(database, kubeconfig: kubeconfig.path) { _, management in
                try await eventually(
                    "the watch alone",
                    ask: { try await management.get("/readyz") },
                    until: { $0.status == 503 && $0.text.hasPrefix("watch: ") && $0.text.contains("connect to") }
                )
                #expect(try await management.get("/livez").text == "ok\n")
                try await api.start()
                try await eventually("readiness", ask: { try await management.get("/readyz").text }) { $0 == "ok\n" }
            }
        }
    }

    @Test func theSpoolWhenItIsFull() async throws {
        let server = try await PostgresServer.start()
        let database = try await server.freshDatabase()
        let folder = try TemporaryDirectory()
        // So little patience that a batch which is too large for the spool could never be written, were it not given more.
        let flags = [
            "--spool-dir", folder.file("spool"), "--spool-max-bytes", "1MiB", "--database-patience", "1ms",
        ]
        try await FakeAPIServer.run { api in
            let archive = LiveArchive(database: database, api: api)
            let kubeconfig = try Kubeconfig(server: api.url)
            try await withCollector(database, flags, kubeconfig: kubeconfig.path) { _, management in
                try await api.waitForWatches()
                api.put(10, named: "before")
                try await archive.rows(10)
                try await server.stop(.immediate)
                // Some 600 bytes each: more than there is room for.
                api.put(6000, named: "away")
                let answer = try await eventually(
                    "a full spool",
                    ask: { try await management.get("/readyz") },
                    until: { $0.status == 503 }
                )
                #expect(answer.text.hasPrefix("spool: "), "\(answer)")
                #expect(try await management.get("/livez").text == "ok\n")
                #expect(try await management.metric("kee_spool_bytes") <= 1_048_576)
                #expect(try await management.watched() < 6010, "the watch is held back")
                try await server.start()
                try await archive.holdsAllOnce()
                try await archive.isAtRest(management)
                try await eventually("readiness", ask: { try await management.get("/readyz").text }) { $0 == "ok\n" }
            }
        }
        try await server.stop(.immediate)
    }
}
