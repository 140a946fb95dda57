import Foundation
import Logging
import Postgres

/// The benchmarks' own database, by our client and by PostgreSQL's programs.
struct Database {
    let url: String
    let programs: String

    static let logger = Logger(label: "kee-bench", factory: { _ in SwiftLogNoOpLogHandler() })
    static var deadline: ContinuousClock.Instant { .now + .seconds(120) }

    func pool(connections: Int, setup: [String] = []) -> PostgresPool {
        PostgresPool(
            PostgresConfiguration(connectionString: url, applicationName: "kee-bench", sessionSetup: setup),
            maxConnections: connections,
            logger: Self.logger
        )
    }

    func connect() async throws -> PostgresConnection {
        try await PostgresConnection.connect(
            PostgresConfiguration(connectionString: url, applicationName: "kee-bench"),
            deadline: Self.deadline,
            logger: Self.logger
        )
    }

    /// A program of PostgreSQL's, connected to the database. By the environment, for a command line shows its password.
    ///
    /// - Parameter setup: `SET name = value` for its sessions.
    func command(_ program: String, _ arguments: [String], setup: [String] = []) throws -> Command {
        guard let parts = URLComponents(string: url), let host = parts.host, let port = parts.port else {
            throw BenchError(
                "KEE_BENCH_DATABASE_URL has to be of the form postgresql://user:password@host:port/database"
            )
        }
        let options = setup.map { statement in
            "-c " + statement.replacing("SET ", with: "").replacing(" = ", with: "=")
        }
        return Command(
            program: "\(programs)/\(program)",
            arguments: arguments,
            environment: [
                "PGHOST": host, "PGPORT": "\(port)", "PGUSER": parts.user ?? "", "PGPASSWORD": parts.password ?? "",
                "PGDATABASE": String(parts.path.dropFirst()), "PGOPTIONS": options.joined(separator: " "),
            ]
        )
    }
}
