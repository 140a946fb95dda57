import TestSupport
import Testing

@Suite("How the programs start", .fewAtOnce, .timeLimit(.minutes(5)))
struct StartTests {
    @Test func severalOnAnEmptyDatabaseAtOnce() async throws {
        let database = try await PostgresServer.shared().freshDatabase()
        try await FakeAPIServer.run { api in
            api.put((0..<30).map { FakeAPIServer.Event(name: "e\($0)") })
            let kubeconfig = try Kubeconfig(server: api.url)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for cluster in ["one", "two"] {
                    group.addTask {
                        try await withCollector(database, cluster: cluster, kubeconfig: kubeconfig.path) {
                            try await comesUp($0, $1)
                        }
                    }
                }
                group.addTask {
                    try await withQuery(database) { run, _, management in try await comesUp(run, management) }
                }
                for _ in 0..<2 {
                    group.addTask {
                        let run = try await ProgramRun.finished(
                            "kee-collector",
                            ["migrate", "--database-url", database]
                        )
                        #expect(run.exit == .code(0), "\(run.errors)")
                    }
                }
                try await group.waitForAll()
            }
        }
        #expect(try await Database.events(in: database) == 60)
    }

    private func comesUp(_ run: ProgramRun, _ management: QueryClient) async throws {
        try await eventually("readiness", ask: { try await management.get("/readyz") }) { $0.status == 200 }
        run.signal(15)
        #expect(try await run.waitForExit(within: .seconds(10)) == .code(0))
        #expect(!run.now.errors.contains(#""level":"error""#), "\(run.now.errors)")
    }

    @Test func whoReadsMustBeSaidUnlessOnlyThisMachineCan() async throws {
        let database = try await PostgresServer.shared().freshDatabase()
        let common = ["--database-url", database, "--management-listen", "127.0.0.1:0"]
        let silent = try await ProgramRun.finished("kee-query", ["serve", "--listen", "0.0.0.0:0"] + common)
        #expect(silent.exit == .code(64))
        #expect(silent.errorLines.count == 1)
        #expect(silent.errors.contains("--access is missing"))

        try await ProgramRun.run("kee-query", ["--access", "open", "--listen", "0.0.0.0:0"] + common) { run in
            let address = try await run.address(after: "the events are served")
            let port = try #require(address.split(separator: ":").last)
            #expect(try await QueryClient("127.0.0.1:\(port)").get("/livez").text == "ok\n")
        }
    }

    @Test func settingsComeFromEnvironmentAndFileToo() async throws {
        let folder = try TemporaryDirectory()
        let database = try await PostgresServer.shared().freshDatabase()
        let events = try folder.write(MadeEvents.lines(1...3), to: "a.json")
        let url = try folder.write("\(database)\n".utf8, to: "url")
        let config = try folder.write("kee:\n  cluster: from-file\n".utf8, to: "kee.yaml")
        let run = try await ProgramRun.finished(
            "kee-collector",
            ["replay", "--config", config, events],
            environment: ["KEE_DATABASE_URL_FILE": url]
        )
        #expect(run.output == "read=3 stored=3 duplicate=0 rejected=0\n", "\(run.errors)")
        #expect(try await Database.values("SELECT name FROM kee.cluster", in: database) == ["from-file"])

        let wrong = try folder.write("kee:\n  clutser: a\n".utf8, to: "wrong.yaml")
        let refused = try await ProgramRun.finished("kee-collector", ["replay", "--config", wrong, events])
        #expect(refused.exit == .code(64))
        #expect(refused.errors.contains("clutser") && refused.errors.contains("wrong.yaml"), "\(refused.errors)")
    }

    @Test func healthchecksAskWhoeverListens() async throws {
        let database = try await PostgresServer.shared().freshDatabase()
        try await withQuery(database) { _, _, management in
            try await eventually("readiness", ask: { try await management.get("/readyz").status }) { $0 == 200 }
            // Either program can be asked by either: it is the same question.
            for program in ["kee-query", "kee-collector"] {
                let arguments = ["healthcheck", "--management-listen", management.address]
                let well = try await ProgramRun.finished(program, arguments)
                #expect(well.exit == .code(0), "\(well.errors)")
                #expect(well.output == "ok\n")
            }
        }
        for program in ["kee-query", "kee-collector"] {
            let nobody = try await ProgramRun.finished(program, ["healthcheck", "--management-listen", "127.0.0.1:1"])
            #expect(nobody.exit == .code(1))
            #expect(nobody.errorLines.count == 1)
            #expect(nobody.errors.contains("127.0.0.1:1/readyz: Connection refused"), "\(nobody.errors)")
        }
    }

    @Test(
        arguments: [
            ([], "Missing expected argument '--database-url <url>'"),
            (["--database-url", "host=x", "--access", "saml"], "'saml' is no access mode"),
            (["--database-url", "hots=hunter2", "--access", "open"], "it is not a libpq connection string"),
            (["--database-url", "host=x", "--listen", "127.0.0.1:0", "--rate-burst", "0"], "burst 0 is not allowed"),
            (["--database-url", "host=x", "--listen", "127.0.0.1:0", "--request-timeout", "1ms"], "from 100ms to 10m"),
            (["--database-url", "host=x", "--listen", "127.0.0.1:0", "--database-connections", "0"], "from 1 to 100"),
            (
                ["--database-url", "host=x", "--listen", "127.0.0.1:0", "--metrics-prefix", "1"],
                "no prefix for metrics"
            ),
        ]
    )
    func wrongUsageOfTheQueryServiceIsSaid(arguments: [String], message: String) async throws {
        let run = try await ProgramRun.finished("kee-query", arguments)
        #expect(run.exit == .code(64))
        #expect(run.errors.hasPrefix("kee-query: "))
        #expect(run.errors.contains(message), "\(run.errors)")
        #expect(!run.errors.contains("hunter2"))
    }

    @Test func anAddressThatIsTakenIsAFailureThatNamesIt() async throws {
        let database = try await PostgresServer.shared().freshDatabase()
        try await withQuery(database) { _, client, management in
            for taken in [["--listen", client.address], ["--management-listen", management.address]] {
                let other = taken[0] == "--listen" ? "--management-listen" : "--listen"
                let run = try await ProgramRun.finished(
                    "kee-query",
                    ["--database-url", database, other, "127.0.0.1:0"] + taken
                )
                #expect(run.exit == .code(1), "\(run.errors)")
                // Beside it stands what the parts that had started log of their end.
                let said = run.errorLines.filter { $0.hasPrefix("kee-query: ") }
                #expect(said.count == 1, "\(run.errors)")
                let line = try #require(said.first)
                #expect(line.contains(" on \(taken[1])") && line.contains("Address already in use"), "\(line)")
            }
        }
    }

    @Test(arguments: [[], ["--no-migrate"]])
    func aSchemaThatNoLongerServesTheQueryServiceEndsItWithOneLine(more: [String]) async throws {
        let archive = try await TestArchive()
        try await archive.execute("INSERT INTO kee.schema_version VALUES (100, 50)")
        let run = try await ProgramRun.finished(
            "kee-query",
            [
                "--database-url", archive.connectionString, "--listen", "127.0.0.1:0", "--management-listen",
                "127.0.0.1:0", "--log-level", "critical",
            ] + more
        )
        #expect(run.exit == .code(1))
        #expect(run.errors.hasPrefix("kee-query: cannot use the archive: the schema has version 100"), "\(run.errors)")
        #expect(run.errorLines.count == 1)
        await archive.close()
    }
}
