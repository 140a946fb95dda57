import JSON
import TestSupport
import Testing

@Suite("kee-collector watch, from an API server to an answer", .fewAtOnce, .timeLimit(.minutes(5)))
struct WatchProgramTests {
    private let database: String

    init() async throws {
        database = try await PostgresServer.shared().freshDatabase()
    }

    /// Waits until the archive holds so many observations.
    private func rows(_ count: Int) async throws {
        try await eventually("\(count) rows", ask: { try await Database.events(in: database) }) { $0 == count }
    }

    /// How many observations each event has, by name.
    private func observations(_ client: QueryClient) async throws -> [String: Int] {
        try await client.allItems("/events/live").reduce(into: [:]) { counts, item in
            counts[item["metadata"]?["name"]?.string ?? "?", default: 0] += 1
        }
    }

    @Test func whatIsThereAndWhatComes() async throws {
        try await FakeAPIServer.run { api in
            let old = (0..<1200).map { FakeAPIServer.Event(name: "old-\($0)") }
            api.put(old)
            let kubeconfig = try Kubeconfig(server: api.url)
            try await withCollector(database, kubeconfig: kubeconfig.path) { collector, management in
                try await rows(1200)
                try await api.waitForWatches()
                #expect(api.requests.filter { $0.kind == .list }.count > 2, "1200 events are more than two pages")
                let sent = #"kee_events_sent_total{cluster="live"}"#
                try await eventually("the count", ask: { try await management.metric(sent) }) { $0 == 1200 }

                try await withQuery(database) { _, client, _ in
                    #expect(try await observations(client).count == 1200)

                    let fresh = FakeAPIServer.Event(name: "fresh", message: "it happened just now")
                    api.put(fresh)
                    try await eventually(
                        within: .seconds(10),
                        "a live event in an answer",
                        ask: { try await client.get("/events/live/default/pods/fresh").items().count },
                        until: { $0 == 1 }
                    )
                    let last = try await management.metric("kee_watch_last_event_timestamp_seconds")
                    #expect(last > 1_700_000_000)

                    // Seen again is an observation of its own; gone is none.
                    api.put(fresh.again())
                    api.delete(Array(old[..<10]))
                    api.put(FakeAPIServer.Event(name: "behind"))
                    try await rows(1203)
                    let counts = try await observations(client)
                    #expect(counts["fresh"] == 2)
                    #expect(counts["behind"] == 1)
                    #expect(counts["old-0"] == 1)
                    #expect(try await management.metric(sent) == 1203)
                    #expect(try await management.get("/readyz").text == "ok\n")
                }
                collector.signal(15)
                #expect(try await collector.waitForExit(within: .seconds(10)) == .code(0))
            }
        }
    }

    @Test func aRestartOfTheServerLosesNothing() async throws {
        try await FakeAPIServer.run { api in
            let kubeconfig = try Kubeconfig(server: api.url)
            try await withCollector(database, kubeconfig: kubeconfig.path) { _, _ in
                api.put((0..<50).map { FakeAPIServer.Event(name: "before-\($0)") })
                try await rows(50)
                await api.stop()
                api.put((0..<50).map { FakeAPIServer.Event(name: "away-\($0)") })
                try await api.start()
                try await api.waitForWatches()
                api.put((0..<50).map { FakeAPIServer.Event(name: "after-\($0)") })
                try await rows(150)

                // While it is away its history goes too: a 410, and everything is listed anew.
                await api.stop()
                api.put((0..<50).map { FakeAPIServer.Event(name: "lost-\($0)") })
                api.expireAll()
                try await api.start()
                try await rows(200)
            }
        }
    }

    @Test func aMalformedEventIsKeptAsideAndTheStreamGoesOn() async throws {
        try await FakeAPIServer.run { api in
            let kubeconfig = try Kubeconfig(server: api.url)
            try await withCollector(database, kubeconfig: kubeconfig.path) { collector, management in
                try await api.waitForWatches()
                api.put(FakeAPIServer.Event(name: "one"))
                try await rows(1)
                let odd = #"{"kind":"Event","apiVersion":"v1","metadata":{"name":"odd","resourceVersion":"1001"}}"#
                api.sendToWatches(#"{"type":"ADDED","object":\#(odd)}"# + "\n")
                api.put(FakeAPIServer.Event(name: "two"))
                try await rows(2)
                let kept = "SELECT convert_from(body, 'UTF8') FROM kee.rejected_event"
                try await eventually(
                    "what was kept aside",
                    ask: { try await Database.values(kept, in: database) },
                    until: { $0 == [odd] }
                )
                #expect(try await management.metric(#"kee_events_rejected_total{cluster="live"}"#) == 1)
                #expect(collector.now.exit == nil)
            }
        }
    }

    @Test func aTokenThatRotates() async throws {
        let certificates = try Certificates.shared()
        let security = FakeAPIServer.Security(
            certificate: (certificates.server.certificate, certificates.server.key),
            tokens: ["first-token"]
        )
        try await FakeAPIServer.run(security: security) { api in
            let kubeconfig = try Kubeconfig(
                server: api.url,
                authority: certificates.authority.certificate,
                token: "first-token\n"
            )
            try await withCollector(database, kubeconfig: kubeconfig.path) { collector, _ in
                try await api.waitForWatches()
                api.put(FakeAPIServer.Event(name: "one"))
                try await rows(1)
                try kubeconfig.rotate(token: "second-token\n")
                api.accept(tokens: ["second-token"])
                try await api.restart()
                try await api.waitForWatches()
                api.put(FakeAPIServer.Event(name: "two"))
                try await rows(2)
                #expect(api.requests.last { $0.kind == .watch }?.authorization == "Bearer second-token")
                #expect(!collector.now.errors.contains("-token"), "\(collector.now.errors)")
            }
        }
    }

    @Test func onlyTheNamespacesThatWereNamed() async throws {
        try await FakeAPIServer.run { api in
            for namespace in ["shop", "batch", "secret"] {
                api.put(FakeAPIServer.Event(namespace: namespace, name: "e"))
            }
            let kubeconfig = try Kubeconfig(server: api.url)
            try await ProgramRun.run(
                "kee-collector",
                // Watching is what it does when nothing is said.
                [
                    "--cluster", "live", "--database-url", database, "--kubeconfig", kubeconfig.path,
                    "--namespace", "shop", "--namespace", "batch", "--management-listen", "127.0.0.1:0",
                ]
            ) { _ in
                try await api.waitForWatches(2)
                try await rows(2)
                #expect(!api.requests.contains { $0.uri.contains("secret") || $0.path == "/api/v1/events" })
            }
        }
    }
}
