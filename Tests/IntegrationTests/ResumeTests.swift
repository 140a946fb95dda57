import JSON
import TestSupport
import Testing

@Suite("A collector that is killed goes on where it was", .fewAtOnce, .timeLimit(.minutes(5)))
struct ResumeTests {
    private let database: String

    init() async throws {
        database = try await PostgresServer.shared().freshDatabase()
    }

    @Test func fromTheCommittedCursorAndWithoutAGap() async throws {
        try await FakeAPIServer.run { api in
            let archive = LiveArchive(database: database, api: api)
            let kubeconfig = try Kubeconfig(server: api.url)
            try await bringAndKill(api, archive, kubeconfig)
            let cursor = try await archive.cursor()
            #expect(cursor == "1050")
            api.put(50, named: "nobody-watched")
            let asked = api.requests.count
            try await withCollector(database, kubeconfig: kubeconfig.path) { _, _ in
                try await archive.holdsAllOnce()
                let requests = api.requests.dropFirst(asked).filter { [.list, .watch].contains($0.kind) }
                #expect(requests.map(\.kind) == [.list, .watch])
                #expect(requests.first?["limit"] == "1")
                #expect(requests.last?["resourceVersion"] == cursor)
            }
            let (stretches, gaps) = try await coverage()
            #expect(stretches == ["first"])
            #expect(gaps == [])
        }
    }

    @Test func whatWasCompactedMeanwhileIsAGapThatAnswersTellOf() async throws {
        try await FakeAPIServer.run { api in
            let archive = LiveArchive(database: database, api: api)
            let kubeconfig = try Kubeconfig(server: api.url)
            try await bringAndKill(api, archive, kubeconfig)
            api.put(50, named: "nobody-watched")
            api.expireAll()
            let asked = api.requests.count
            try await withCollector(database, kubeconfig: kubeconfig.path) { _, _ in
                try await archive.rows(100)
                try await api.waitForWatches()
                let requests = api.requests.dropFirst(asked).filter { [.list, .watch].contains($0.kind) }
                // The look, the watch that gets a 410, the list, and the watch from the list's version.
                #expect(requests.map(\.kind) == [.list, .watch, .list, .watch])
                #expect(requests.map { $0["limit"] } == ["1", nil, "500", nil])
                // The list is committed as a whole with its cursor.
                let newest = String(api.store.version)
                try await eventually("the cursor", ask: { try await archive.cursor() }) { $0 == newest }
            }
            let (stretches, gaps) = try await coverage()
            #expect(stretches == ["first", "expired"])
            #expect(gaps == ["expired"])
            try await withQuery(database) { _, client, _ in
                let answer = try await client.get("/events/live?limit=1").json()
                let gaps = Array(try #require(answer["metadata"]?["gaps"]).elements)
                let told = try #require(gaps.first)
                #expect(told["reason"]?.string == "expired")
                #expect(told["cluster"]?.string == "live")
                let from = try #require(told["from"]?.string)
                // A range that ends where the gap begins knows of none.
                let before = try await client.get("/events/live?until=\(from)").json()
                #expect(before["metadata"]?["gaps"] == nil)
            }
        }
    }

    /// 50 events are archived, and then the collector is killed.
    private func bringAndKill(_ api: FakeAPIServer, _ archive: LiveArchive, _ kubeconfig: Kubeconfig) async throws {
        try await withCollector(database, kubeconfig: kubeconfig.path) { collector, _ in
            try await api.waitForWatches()
            api.put(50, named: "watched")
            try await archive.rows(50)
            await collector.kill()
        }
    }

    /// Causes of the stretches and reasons of the gaps, as the query service tells them.
    private func coverage() async throws -> ([String], [String]) {
        try await withQuery(database) { _, client, _ in
            let items = try await client.get("/clusters/live/coverage").items()
            let item = try #require(items.first)
            #expect(items.count == 1)
            func texts(_ list: String, _ key: String) -> [String] {
                item[list]?.elements.compactMap { $0[key]?.string } ?? []
            }
            return (texts("stretches", "cause"), texts("gaps", "reason"))
        }
    }
}
