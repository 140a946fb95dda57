import EventModel
import EventWriter
import Postgres
import TestSupport
import Testing

@Suite("kee-query")
struct ProgramTests {
    private static let served = "the events are served"
    private static let managed = "the management listener is up"

    private func serving(_ database: String, _ more: [String] = []) throws -> QueryProgram {
        try QueryProgram(
            ["--database-url", database, "--listen", "127.0.0.1:0", "--management-listen", "127.0.0.1:0"] + more
        )
    }

    private func get(_ path: String, _ port: Int) async throws -> String {
        try await answer(to: "GET \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", port: port)
    }

    @Test(
        arguments: [
            ([], "Missing expected argument '--database-url <url>'"),
            (["--database-url", "host=x"], "--access is missing: 0.0.0.0:8080 can be reached"),
            (["--database-url", "host=x", "--access", "token"], "'token' is no access mode of this version"),
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
    func wrongUsageIsSaid(arguments: [String], message: String) async throws {
        let program = try QueryProgram(arguments)
        #expect(try await program.end() == 64)
        let log = try await program.log.wait(until: { $0.contains("\n") })
        #expect(log.hasPrefix("kee-query: "))
        #expect(log.contains(message))
        #expect(!log.contains("hunter2"))
    }

    @Test func anAddressThatIsTakenIsOneLineAndAFailure() async throws {
        let first = try serving("host=127.0.0.1 port=1")
        let port = try await first.port(of: Self.served)
        let second = try QueryProgram([
            "--database-url", "host=127.0.0.1 port=1", "--listen", "127.0.0.1:\(port)", "--management-listen",
            "127.0.0.1:0", "--log-level", "critical",
        ])
        #expect(try await second.end() == 1)
        let log = try await second.log.wait(until: { $0.contains("\n") })
        #expect(log.contains("cannot serve events on 127.0.0.1:\(port): Address already in use"))
        first.terminate()
        #expect(try await first.end() == 0)
    }

    @Test(arguments: [true, false])
    func aSchemaThatNoLongerServesItEndsItWithOneLine(isMigrating: Bool) async throws {
        let archive = try await TestArchive()
        try await archive.execute("INSERT INTO kee.schema_version VALUES (100, 50)")
        let program = try QueryProgram(
            [
                "--database-url", archive.connectionString, "--listen", "127.0.0.1:0", "--management-listen",
                "127.0.0.1:0", "--log-level", "critical",
            ] + (isMigrating ? [] : ["--no-migrate"])
        )
        #expect(try await program.end() == 1)
        let log = try await program.log.wait(until: { $0.contains("\n") })
        #expect(log.hasPrefix("kee-query: cannot use the archive: the schema has version 100"))
        #expect(log.count(where: \.isNewline) == 1)
        await archive.close()
    }

    @Test func aDatabaseThatIsAwayIsWaitedFor() async throws {
        let program = try serving("host=127.0.0.1 port=1 user=kee password=hunter2")
        let port = try await program.port(of: Self.served)
        let management = try await program.port(of: Self.managed)
        for port in [port, management] {
            let ready = try await get("/readyz", port)
            #expect(ready.hasPrefix("HTTP/1.1 503 "))
            #expect(ready.contains("\r\n\r\ndatabase: "))
            #expect(try await get("/livez", port).hasPrefix("HTTP/1.1 200 "))
        }
        #expect(try await get("/events", port).hasPrefix("HTTP/1.1 503 "))
        #expect(program.status.value == nil)
        program.terminate()
        #expect(try await program.end() == 0)
        #expect(!program.log.value.contains("hunter2"))
    }

    @Test func itServesUntilItIsToldToStopAndLosesNoAnswer() async throws {
        let archive = try await TestArchive(migrated: false)
        let program = try serving(archive.connectionString, ["--rate-limit", "0"])
        let port = try await program.port(of: Self.served)
        let management = try await program.port(of: Self.managed)
        _ = try await program.log.wait(until: { $0.contains("the archive can be read") })
        #expect(try await get("/readyz", port).hasSuffix("\r\n\r\nok\n"))
        let probe = try QueryProgram(["healthcheck", "--management-listen", "127.0.0.1:\(management)"])
        #expect(try await probe.end() == 0)

        let events = try (0..<50).map { try Event.sample($0) }
        #expect(try await archive.writer(cluster: "prod").write(events, deadline: TestArchive.soon).stored == 50)
        let answers = Observed(0)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for _ in 0..<4 {
                tasks.addTask {
                    // Until it takes no more connections.
                    while let text = try? await get("/events/prod?limit=50", port), !text.isEmpty {
                        #expect(text.hasPrefix("HTTP/1.1 200 "))
                        #expect(text.hasSuffix("]}\n"))
                        answers.change { $0 += 1 }
                    }
                }
            }
            try await answers.wait(until: { $0 >= 50 })
            let metrics = try await get("/metrics", management)
            #expect(metrics.contains(#"kee_requests_total{method="GET",route="/events/{cluster}",status="200"}"#))
            program.terminate()
            #expect(try await program.end() == 0)
            try await tasks.waitForAll()
        }
        await archive.close()
    }
}
