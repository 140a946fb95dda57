import Foundation
import Postgres

extension PostgresServer {
    /// Makes and starts a hot standby that follows a server, with all that is in it.
    ///
    /// - Parameter settings: lines of `postgresql.conf`; they win over those of the primary and of the tests.
    public static func standby(
        of primary: PostgresServer,
        settings: [String: String] = [:]
    ) async throws -> PostgresServer {
        try await blocking {
            let server = try PostgresServer(settings: settings, standbyOf: primary)
            try server.startBlocking()
            return server
        }
    }

    /// For pg_basebackup: a copy that begins to follow at its start (`standby.signal`).
    func backupArguments(into folder: String) -> [String] {
        [
            "-D", folder, "-h", "127.0.0.1", "-p", "\(port)", "-U", "postgres", "--write-recovery-conf",
            "--checkpoint=fast", "--wal-method=stream", "--no-sync",
        ]
    }

    /// Makes a standby a primary, and returns when it takes writes.
    public func promote() async throws {
        try await Self.blocking { try self.installation.run("pg_ctl", ["-D", self.data, "-w", "promote"]) }
    }

    /// Changes a setting of the running server (`ALTER SYSTEM`), and returns when new sessions have it.
    ///
    /// - Parameter value: nil for what `postgresql.conf` says.
    public func configure(_ name: String, _ value: String?) async throws {
        let change = value.map { "SET \(name) = '\($0.replacing("'", with: "''"))'" } ?? "RESET \(name)"
        try await withAdministration { session in
            try await session.execute("ALTER SYSTEM \(change)", deadline: .now + .seconds(30))
            try await session.execute("SELECT pg_reload_conf()", deadline: .now + .seconds(30))
        }
        guard let value else { return }
        try await eventually("\(name) = \(value)", ask: { try await self.setting(name) }) { $0 == value }
    }

    private func setting(_ name: String) async throws -> String {
        try await withAdministration { session in
            let statement = PostgresStatement("SELECT current_setting('\(name)')")
            return try await session.query(statement, deadline: .now + .seconds(30)).text(0, 0)
        }
    }
}
