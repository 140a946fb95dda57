import Postgres
import TestSupport

/// What the database itself says, past all our programs.
struct Database {
    /// Runs SQL in a session of its own and gives back the first column of each row as text.
    static func values(_ sql: String, in database: String) async throws -> [String] {
        try await withSession(database) { session in
            let result = try await session.query(PostgresStatement(sql), deadline: .now + .seconds(30))
            return (0..<result.rowCount).map { result.isNull($0, 0) ? "null" : result.text($0, 0) }
        }
    }

    /// The number that SQL gives.
    static func number(_ sql: String, in database: String) async throws -> Int {
        Int(try await values("SELECT (\(sql))::text", in: database).first ?? "") ?? -1
    }

    /// How many events there are; 0 before there is a table.
    static func events(in database: String) async throws -> Int {
        let there = try await number("SELECT count(*) FROM pg_tables WHERE schemaname = 'kee'", in: database)
        return there == 0 ? 0 : try await number("SELECT count(*) FROM kee.event", in: database)
    }

    /// Runs `body` with a session of its own.
    static func withSession<Value>(
        _ database: String,
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let session = try await PostgresConnection.connect(
            PostgresConfiguration(connectionString: database, applicationName: "kee-tests"),
            deadline: .now + .seconds(30)
        )
        do {
            let value = try await body(session)
            await session.close()
            return value
        } catch {
            await session.close()
            throw error
        }
    }
}
