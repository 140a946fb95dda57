import Foundation
import TestSupport
import Testing

@Suite("PostgreSQL is away while events come", .fewAtOnce, .timeLimit(.minutes(60)))
struct OutageTests {
    /// `EVENTS_OUTAGE=300000` for a manual run.
    private static let events = ProcessInfo.processInfo.environment["EVENTS_OUTAGE"].flatMap { Int($0) } ?? 20_000
    /// Of a debug build. It has to hold however many there are: memory does not grow with the spool.
    private static let memoryLimit = 150 << 20

    @Test func withASpoolTheWatchGoesOn() async throws {
        let server = try await PostgresServer.start()
        let database = try await server.freshDatabase()
        let folder = try TemporaryDirectory()
        let flags = ["--spool-dir", folder.file("spool"), "--database-patience", "500ms"]
        try await FakeAPIServer.run { api in
            let archive = LiveArchive(database: database, api: api)
            let kubeconfig = try Kubeconfig(server: api.url)
            try await withCollector(database, flags, kubeconfig: kubeconfig.path) { collector, management in
                try await api.waitForWatches()
                api.put(100, named: "before")
                try await archive.rows(100)
                let memoryBefore = collector.peakMemory ?? 0

                try await server.stop(.immediate)
                let stopped = ContinuousClock.now
                var sent = 0
                while sent < Self.events {
                    let count = min(1000, Self.events - sent)
                    api.put(count, named: "away-\(sent)")
                    sent += count
                    // Not faster than it is taken, or this would be a test of the server's buffers.
                    try await management.waitForWatched(100 + sent - 5000)
                }
                try await management.waitForWatched(100 + Self.events, within: .seconds(600))
                #expect(try await management.metric("kee_spool_records") > 0)
                #expect(try await management.metric("kee_spool_bytes") > Double(Self.events * 500))
                #expect(try await management.get("/readyz").text == "ok\n", "the spool is there for this")
                // Later there may be more of them: a watch that stays quiet for 3 minutes is checked by a list.
                #expect(api.wholeLists == 1)

                try await server.start()
                let started = ContinuousClock.now
                try await archive.holdsAllOnce(within: .seconds(1800))
                try await archive.isAtRest(management)
                let drained = ContinuousClock.now
                #expect(try await management.metric("kee_spool_bytes") < 65_536, "nothing but an empty segment")
                let memory = collector.peakMemory ?? 0
                #expect(memory < Self.memoryLimit)
                let rate = Double(Self.events) / ((drained - started) / .seconds(1))
                print(
                    "outage=\(started - stopped) drained=\(drained - started) rows_per_second=\(Int(rate))",
                    "VmHWM before=\(memoryBefore >> 20) MiB after=\(memory >> 20) MiB"
                )
            }
        }
        try await server.stop(.immediate)
    }

    @Test func withoutASpoolTheServerKeepsThem() async throws {
        let server = try await PostgresServer.start()
        let database = try await server.freshDatabase()
        try await FakeAPIServer.run { api in
            let archive = LiveArchive(database: database, api: api)
            let kubeconfig = try Kubeconfig(server: api.url)
            try await withCollector(database, kubeconfig: kubeconfig.path) { collector, management in
                try await api.waitForWatches()
                api.put(100, named: "before")
                try await archive.rows(100)
                try await server.stop(.immediate)
                api.put(3000, named: "away")
                _ = try await collector.waitForLine(containing: "The archive cannot be written to")
                try await management.waitForWatched(1000)
                #expect(try await management.watched() < 3000, "the watch is held back")
                try await server.start()
                try await archive.holdsAllOnce()
                try await archive.isAtRest(management)
                #expect(api.wholeLists == 1)
            }
        }
        try await server.stop(.immediate)
    }
}
