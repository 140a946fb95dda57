import EventReader
import Postgres

/// What the reader asks of the database for a page, taken from its own session, so that no copy of it can go stale.
struct ReaderSQL {
    /// All statements of one page.
    let statements: [String]

    /// Has a reader answer each target once.
    init(_ targets: [PageTarget], limit: Int, database: Database) async throws {
        let pool = database.pool(connections: 1, setup: EventReader.sessionSetup)
        let reader = EventReader(pool: pool, logger: Database.logger)
        for target in targets {
            _ = try await reader.page(target.query, limit: limit, deadline: Database.deadline)
        }
        let prepared = try await pool.query(
            PostgresStatement(
                "SELECT statement FROM pg_prepared_statements WHERE statement ~ ' FROM kee.event(_[0-9]+)? ' ORDER BY prepare_time"
            ),
            deadline: Database.deadline
        )
        await pool.shutdown()
        statements = (0..<prepared.rowCount).map { prepared.text($0, 0) }
        guard !statements.isEmpty else { throw BenchError("the reader's statements are not among the prepared ones") }
    }

    /// The page asked of the newest month that has events, and of nothing else: what a service written by hand for
    /// full pages would ask.
    func ofNewestMonth() throws -> String {
        let month = /SELECT [^()]* FROM kee\.event_[0-9]{6} .*? LIMIT \$[0-9]+/
        guard let match = statements[0].firstMatch(of: month) else {
            throw BenchError("the reader asks no month directly: \(statements[0])")
        }
        return String(match.0)
    }
}
