import HTTPTransfer
import JSON
import TestSupport
import Testing

@Suite("The database goes away", .fewAtOnce, .timeLimit(.minutes(5)))
struct DatabaseAwayTests {
    @Test func nothingIsLostAndBothSaySo() async throws {
        let server = try await PostgresServer.start()
        let database = try await server.freshDatabase()
        try await FakeAPIServer.run { api in
            let kubeconfig = try Kubeconfig(server: api.url)
            try await withCollector(database, kubeconfig: kubeconfig.path) { program, collector in
                try await withQuery(database) { _, client, query in
                    api.put((0..<100).map { FakeAPIServer.Event(name: "before-\($0)") })
                    try await eventually("rows", ask: { try await Database.events(in: database) }) { $0 == 100 }
                    for management in [collector, query] {
                        try await eventually("readiness", ask: { try await management.get("/readyz") }) {
                            $0.status == 200
                        }
                    }

                    try await server.stop(.immediate)
                    api.put((0..<100).map { FakeAPIServer.Event(name: "away-\($0)") })
                    try await unavailable(client)
                    _ = try await program.waitForLine(containing: "The archive cannot be written to")
                    // One wait for both.
                    await api.stop()
                    for management in [collector, query] {
                        // The collector lets a restart of PostgreSQL pass, for 30 s.
                        let answer = try await eventually(
                            within: .seconds(50),
                            "unreadiness",
                            ask: { try await management.get("/readyz") },
                            until: { $0.status == 503 }
                        )
                        #expect(answer.text.hasPrefix("database: "), "\(answer)")
                        #expect(try await management.get("/livez").status == 200)
                    }
                    for management in [collector, query] { #expect(try await errors(management)) }
                    let parts = try await eventually(
                        "the watch too",
                        ask: { try await collector.get("/readyz").text.split(separator: "\n") },
                        until: { $0.count > 1 }
                    )
                    #expect(parts.count == 2 && parts[1].hasPrefix("watch: "), "\(parts)")
                    #expect(try await collector.get("/livez").text == "ok\n")

                    try await api.start()
                    try await server.start()
                    api.put((0..<100).map { FakeAPIServer.Event(name: "after-\($0)") })
                    try await eventually("all", ask: { try await Database.events(in: database) }) { $0 == 300 }
                    try await eventually("answers", ask: { try await client.get("/events/live") }) { $0.status == 200 }
                    #expect(try await client.allItems("/events/live").count == 300)
                    for management in [collector, query] {
                        try await eventually("readiness", ask: { try await management.get("/readyz") }) {
                            $0.status == 200
                        }
                    }
                }
            }
        }
        try await server.stop(.immediate)
    }

    private func unavailable(_ client: QueryClient) async throws {
        let answer = try await client.get("/events")
        #expect(answer.status == 503)
        #expect(answer.headers["Content-Type"] == "application/problem+json")
        #expect(answer.headers["Retry-After"].flatMap { Int($0) } != nil)
        #expect(try answer.json()["status"]?.int64 == 503)
        for inside in ["SELECT", "host=", "postgres", "127.0.0.1"] {
            #expect(!answer.text.contains(inside), "\(answer)")
        }
    }

    private func errors(_ management: QueryClient) async throws -> Bool {
        try await management.get("/metrics").text.contains("\nkee_database_errors_total{")
    }

    @Test func bothWaitForADatabaseThatIsAwayAtTheStart() async throws {
        let server = try await PostgresServer.start()
        let database = try await server.freshDatabase()
        try await server.stop()
        try await FakeAPIServer.run { api in
            api.put((0..<10).map { FakeAPIServer.Event(name: "e\($0)") })
            let kubeconfig = try Kubeconfig(server: api.url)
            try await withCollector(database, kubeconfig: kubeconfig.path) { _, collector in
                try await withQuery(database) { _, client, query in
                    try await unavailable(client)
                    for management in [collector, query] {
                        let answer = try await management.get("/readyz")
                        #expect(answer.status == 503)
                        #expect(answer.text.hasPrefix("database: "), "\(answer)")
                    }
                    try await server.start()
                    try await eventually("events", ask: { try await client.get("/events/live") }) { answer in
                        answer.status == 200 && (try? answer.items().count) == 10
                    }
                }
            }
        }
        try await server.stop(.immediate)
    }

    @Test func theEndMayComeWhileItIsAway() async throws {
        let server = try await PostgresServer.start()
        let database = try await server.freshDatabase()
        try await FakeAPIServer.run { api in
            let kubeconfig = try Kubeconfig(server: api.url)
            try await withCollector(database, kubeconfig: kubeconfig.path) { collector, _ in
                try await withQuery(database) { query, _, _ in
                    try await api.waitForWatches()
                    try await server.stop(.immediate)
                    api.put((0..<10).map { FakeAPIServer.Event(name: "e\($0)") })
                    _ = try await collector.waitForLine(containing: "The archive cannot be written to")
                    for program in [collector, query] {
                        program.signal(15)
                        #expect(
                            try await program.waitForExit(within: .seconds(10)) == .code(0),
                            "\(program.now.errors)"
                        )
                    }
                }
            }
        }
    }
}
