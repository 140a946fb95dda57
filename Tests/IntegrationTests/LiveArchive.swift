import TestSupport
import Testing

/// The archive of the cluster that a fake API server plays, compared with that server.
struct LiveArchive {
    /// A connection string that reaches it now.
    let database: String
    let api: FakeAPIServer

    /// Waits until the archive holds so many observations.
    func rows(_ count: Int, within limit: Duration = .seconds(30)) async throws {
        try await eventually(
            within: limit,
            "\(count) rows",
            ask: { try await Database.events(in: database) },
            until: { $0 >= count }
        )
    }

    /// Waits until all that the server has told is there, and sees that each of it is there once. Nothing of the
    /// server may have been compacted.
    func holdsAllOnce(within limit: Duration = .seconds(60)) async throws {
        let told = api.store.changes.filter { $0.kind != .deleted }.map(\.version)
        try await rows(told.count, within: limit)
        let stored = try await Database.values("SELECT rv::text FROM kee.event", in: database).compactMap { Int($0) }
        let counts = stored.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        #expect(Set(told).subtracting(counts.keys) == [], "lost")
        #expect(Set(counts.keys).subtracting(told) == [], "never told")
        #expect(counts.filter { $0.value > 1 } == [:], "doubled")
    }

    /// Waits until the cursor is at the server's newest version, and nothing is left in the spool.
    func isAtRest(_ management: QueryClient) async throws {
        let newest = String(api.store.version)
        try await eventually("the newest version", ask: { try await cursor() }) { $0 == newest }
        try await eventually(
            "an empty spool",
            ask: { try await management.metric("kee_spool_records") },
            until: { $0 == 0 }
        )
    }

    /// The version from which a collector would go on.
    func cursor() async throws -> String? {
        try await Database.values("SELECT resource_version FROM kee.watch_cursor", in: database).first
    }
}

extension FakeAPIServer {
    /// Creates events whose names begin with a word, as many as are told to the watches at once.
    func put(_ count: Int, named word: String) {
        put((0..<count).map { Event(name: "\(word)-\($0)") })
    }

    /// Creates events at a pace while `body` runs.
    func whileEventsCome<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                var number = 0
                while !Task.isCancelled {
                    self.put(10, named: "live-\(number)")
                    number += 1
                    // The pace of the load.
                    try? await Task.sleep(for: .milliseconds(20))
                }
            }
            defer { group.cancelAll() }
            return try await body()
        }
    }

    /// Lists that were asked for, beyond mere looks at the version.
    var wholeLists: Int { requests.filter { $0.kind == .list && $0["limit"] != "1" }.count }
}

extension QueryClient {
    /// How many events a collector's watch has received.
    func watched() async throws -> Int {
        Int(try await metric(#"kee_watch_events_total{type="added"}"#))
    }

    /// Waits until a collector's watch has received so many events.
    func waitForWatched(_ count: Int, within limit: Duration = .seconds(60)) async throws {
        try await eventually(within: limit, "\(count) events of the watch", ask: { try await watched() }) {
            $0 >= count
        }
    }
}
