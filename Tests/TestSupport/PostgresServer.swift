import Foundation
public import Postgres
import Synchronization

/// A real PostgreSQL of this test process, on 127.0.0.1 and a free port, in a private folder, without fsync.
///
/// It ends with the process, however that ends: a watchdog outside notices, stops the server and removes the folder.
public final class PostgresServer: Sendable {
    /// How to end it, as `pg_ctl stop -m`.
    public enum StopMode: String, Sendable {
        /// Disconnects everybody and writes a checkpoint.
        case fast
        /// Stops dead, and recovers at the next start.
        case immediate
    }

    /// The TCP port on 127.0.0.1.
    public let port: Int
    /// The folder of everything: data, log, Unix socket. The user `postgres` owns it.
    public let folder: String
    let installation: PostgresInstallation
    private let watchdog: PostgresWatchdog

    /// - Parameter primary: whose data it gets, to follow it; nil for data of its own.
    init(
        settings: [String: String],
        hostBasedAuthentication: String? = nil,
        files: [String: String] = [:],
        standbyOf primary: PostgresServer? = nil
    ) throws {
        installation = try PostgresInstallation.find()
        folder = try TemporaryDirectory.make()
        port = try Self.freePort()
        watchdog = try PostgresWatchdog(of: folder)
        try installation.giveToServerUser(folder)
        if let primary {
            try installation.run("pg_basebackup", primary.backupArguments(into: data))
        } else {
            try installation.run(
                "initdb",
                ["-D", data, "-U", "postgres", "-E", "UTF8", "--locale=C", "--auth=trust", "--no-sync"]
            )
        }
        for (name, content) in files {
            try Data(content.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
            try installation.giveToServerUser("\(folder)/\(name)", mode: 0o600)
        }
        try append(configuration(settings), to: "\(data)/postgresql.conf")
        if let hostBasedAuthentication {
            try Data(hostBasedAuthentication.utf8).write(to: URL(fileURLWithPath: "\(data)/pg_hba.conf"))
        }
    }

    var data: String { folder + "/data" }

    private func configuration(_ settings: [String: String]) -> String {
        var all = [
            "listen_addresses": "127.0.0.1", "port": "\(port)", "unix_socket_directories": folder,
            "max_connections": "200", "shared_buffers": "64MB", "timezone": "UTC", "lc_messages": "C",
            "fsync": "off", "full_page_writes": "off",
        ]
        all.merge(settings) { $1 }
        return all.map { "\($0) = '\($1.replacing("'", with: "''"))'\n" }.sorted().joined()
    }

    private func append(_ text: String, to path: String) throws {
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try file.seekToEnd()
        try file.write(contentsOf: Data(text.utf8))
        try file.close()
    }

    // MARK: Starting and stopping

    /// Makes and starts a server of the caller's own.
    ///
    /// - Parameters:
    ///   - settings: lines of `postgresql.conf`; they win over those of the tests.
    ///   - hostBasedAuthentication: a whole `pg_hba.conf`; by default everybody is trusted.
    ///   - files: put into the folder before the start, readable by the server alone.
    public static func start(
        settings: [String: String] = [:],
        hostBasedAuthentication: String? = nil,
        files: [String: String] = [:]
    ) async throws -> PostgresServer {
        try await Self.blocking {
            let server = try PostgresServer(
                settings: settings,
                hostBasedAuthentication: hostBasedAuthentication,
                files: files
            )
            try server.startBlocking()
            return server
        }
    }

    /// The server that all tests share. The first caller starts it, and the others wait for it.
    public static func shared() async throws -> PostgresServer { try await sharedStart.value }

    private static let sharedStart = Task { try await start() }

    /// Starts it again, on the same data and port, once it has been stopped or killed.
    public func start() async throws { try await Self.blocking { try self.startBlocking() } }

    /// Stops it, and returns when it has ended.
    public func stop(_ mode: StopMode = .fast) async throws {
        try await Self.blocking {
            try self.installation.run("pg_ctl", ["-D", self.data, "-w", "-m", mode.rawValue, "stop"])
        }
    }

    /// Sends a signal to the postmaster; after SIGKILL, waits until it has ended.
    public func kill(_ signal: Int32) async throws {
        try await Self.blocking {
            let pid = try self.postmaster()
            _ = Foundation.kill(pid, signal)
            guard signal == SIGKILL else { return }
            while isAlive(pid) { usleep(10_000) }
        }
    }

    func startBlocking() throws {
        do {
            try installation.run("pg_ctl", ["-D", data, "-w", "-t", "60", "-l", folder + "/log", "start"])
        } catch {
            let log = (try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? ""
            throw PostgresServerFailure("\(error)\n\(log.suffix(2000))")
        }
    }

    /// The process of the server; its children do the work.
    public func postmaster() throws -> Int32 {
        let content = try String(contentsOfFile: data + "/postmaster.pid", encoding: .utf8)
        guard let pid = content.split(separator: "\n").first.flatMap({ Int32($0) }) else {
            throw PostgresServerFailure("no PID in \(data)/postmaster.pid")
        }
        return pid
    }

    // MARK: Databases

    /// A connection string for a database of this server, as its superuser.
    public func connectionString(database: String = "postgres") -> String {
        "host=127.0.0.1 port=\(port) user=postgres dbname=\(database) sslmode=disable"
    }

    /// The connection string of a new, empty database.
    public func freshDatabase() async throws -> String {
        let name = "test_\(UInt64.random(in: 0 ... .max))"
        try await withAdministration { try await $0.execute("CREATE DATABASE \(name)", deadline: .now + .seconds(60)) }
        return connectionString(database: name)
    }

    /// Runs `body` with a connection of the superuser to the database `postgres`.
    public func withAdministration<Value: Sendable>(
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await PostgresConnection.connect(
            PostgresConfiguration(connectionString: connectionString(), applicationName: "tests"),
            deadline: .now + .seconds(30)
        )
        do {
            let value = try await body(connection)
            await connection.close()
            return value
        } catch {
            await connection.close()
            throw error
        }
    }
}

/// A process that has ended but was not waited for by its parent does not count.
private func isAlive(_ pid: Int32) -> Bool {
    guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return false }
    return !stat.contains(") Z ")
}
