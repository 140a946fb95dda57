import Foundation
import Postgres
import TestSupport

/// A deadline that only a hanging test meets.
var soon: ContinuousClock.Instant { .now + .seconds(30) }

/// Turns off the server's own look for clients that are gone, so that only our cancel request frees a backend.
let withoutConnectionCheck = "SET client_connection_check_interval = 0"

/// A connection to a database; by default to a new one of the shared server.
func connect(to database: String? = nil, setup: [String] = []) async throws -> PostgresConnection {
    let connectionString: String
    if let database { connectionString = database } else { connectionString = try await freshDatabase() }
    return try await PostgresConnection.connect(
        PostgresConfiguration(connectionString: connectionString, sessionSetup: setup),
        deadline: soon
    )
}

func freshDatabase() async throws -> String { try await PostgresServer.shared().freshDatabase() }

/// Asks again and again for what only a look at the system or the server can tell, for up to 20 seconds.
func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
    let end = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < end {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(5))
    }
    return false
}

/// The error that an operation ends with; nil when it succeeds.
func failure(_ body: () async throws -> Void) async -> PostgresError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? PostgresError
    }
}

extension PostgresConnection {
    /// Runs SQL without parameters, and returns its rows.
    func rows(_ sql: String) async throws -> PostgresResult { try await query(PostgresStatement(sql), deadline: soon) }

    /// Whether a backend with this PID exists at the server.
    func seesBackend(_ pid: Int32) async throws -> Bool {
        var parameters = PostgresParameters()
        parameters.append(pid)
        let statement = PostgresStatement("SELECT 1 FROM pg_stat_activity WHERE pid = $1", parameterTypes: [.int4])
        return try await query(statement, parameters, deadline: soon).rowCount == 1
    }
}
