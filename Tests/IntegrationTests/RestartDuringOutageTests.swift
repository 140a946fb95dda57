import Foundation
import TestSupport
import Testing

@Suite("A collector restarts while PostgreSQL is away", .fewAtOnce, .timeLimit(.minutes(5)))
struct RestartDuringOutageTests {
    private let server: PostgresServer
    private let database: String
    private let folder: TemporaryDirectory

    init() async throws {
        server = try await PostgresServer.start()
        database = try await server.freshDatabase()
        folder = try TemporaryDirectory()
    }

    private var flags: [String] { ["--spool-dir", folder.file("spool"), "--database-patience", "300ms"] }

    @Test func itGoesOnFromTheEndOfItsSpool() async throws {
        try await FakeAPIServer.run { api in
            let archive = LiveArchive(database: database, api: api)
            let kubeconfig = try Kubeconfig(server: api.url)
            try await withCollector(database, flags, kubeconfig: kubeconfig.path) { collector, management in
                try await api.waitForWatches()
                api.put(100, named: "before")
                try await archive.rows(100)
                try await server.stop(.immediate)
                api.put(500, named: "spooled")
                try await eventually("a spool", ask: { try await management.metric("kee_spool_records") }) { $0 > 0 }
                await collector.kill()
            }
            let asked = api.requests.count
            api.put(500, named: "nobody-watched")
            try await withCollector(database, flags, kubeconfig: kubeconfig.path) { _, management in
                try await api.waitForWatches()
                let requests = api.requests.dropFirst(asked).filter { [.list, .watch].contains($0.kind) }
                #expect(requests.map(\.kind) == [.list, .watch])
                #expect(requests.first?["limit"] == "1")
                let resumed = requests.last?["resourceVersion"].flatMap { Int($0) } ?? 0
                #expect(resumed > 1100, "beyond what was committed")
                api.put(500, named: "watched")
                // What came after the end of the spool, whatever that was.
                try await management.waitForWatched(api.store.version - resumed)
                #expect(try await management.metric("kee_spool_records") > 0)

                try await server.start()
                try await archive.holdsAllOnce()
                try await archive.isAtRest(management)
                #expect(api.wholeLists == 1)
            }
        }
        try await server.stop(.immediate)
    }

    @Test func withAnEmptySpoolItGoesOnFromTheFileOfCursors() async throws {
        try await FakeAPIServer.run { api in
            let archive = LiveArchive(database: database, api: api)
            let kubeconfig = try Kubeconfig(server: api.url)
            try await withCollector(database, flags, kubeconfig: kubeconfig.path) { collector, _ in
                try await api.waitForWatches()
                api.put(100, named: "before")
                let file = folder.file("spool/cursors")
                try await eventually(
                    "the newest version in the file",
                    ask: { (try? String(contentsOfFile: file, encoding: .utf8)) ?? "" },
                    until: { $0.contains("\t1100\t") }
                )
                await collector.kill()
            }
            try await server.stop(.immediate)
            api.put(100, named: "nobody-watched")
            try await withCollector(database, flags, kubeconfig: kubeconfig.path) { collector, management in
                _ = try await collector.waitForLine(containing: "Going on from what the spool's disk knows")
                try await management.waitForWatched(100)
                #expect(api.requests.last { $0.kind == .watch }?["resourceVersion"] == "1100")
                try await server.start()
                try await archive.holdsAllOnce()
                try await archive.isAtRest(management)
                #expect(api.wholeLists == 1)
            }
        }
        try await server.stop(.immediate)
    }
}
