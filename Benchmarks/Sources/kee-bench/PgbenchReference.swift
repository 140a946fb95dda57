import EventReader
import Foundation
import Postgres

/// The very SQL that the reader runs for a page, by pgbench with four clients and prepared statements.
struct PgbenchReference {
    private let database: Database
    private let arguments: [String]
    /// The statements of one page, as the reader prepared them.
    let statements: [String]

    static let clients = 4

    /// Has a reader answer once, and takes from its session what it asked.
    init(_ targets: [PageTarget], limit: Int, database: Database, folder: String) async throws {
        self.database = database
        let pool = database.pool(connections: 1, setup: EventReader.sessionSetup)
        let reader = EventReader(pool: pool, logger: Database.logger)
        for target in targets {
            _ = try await reader.page(target.query, limit: limit, deadline: Database.deadline)
        }
        let prepared = try await pool.query(
            PostgresStatement(
                """
                SELECT statement FROM pg_prepared_statements
                WHERE statement LIKE 'SELECT ts, id, %' ORDER BY prepare_time
                """
            ),
            deadline: Database.deadline
        )
        statements = (0..<prepared.rowCount).map { prepared.text($0, 0) }
        guard !statements.isEmpty else { throw BenchError("the reader's statements are not among the prepared ones") }
        await pool.shutdown()

        var arguments = ["-n", "-M", "prepared", "-c", "\(Self.clients)", "-j", "2"]
        for (number, target) in targets.enumerated() {
            var values = target.ids
            values["limit"] = "\(limit + 1)"
            let file = "\(folder)/page-\(number).sql"
            let script = try statements.map { try Self.script($0, values, number) + ";\n" }.joined()
            try Data(script.utf8).write(to: URL(fileURLWithPath: file))
            arguments += ["-f", file]
            for (name, value) in values { arguments += ["-D", "\(name)_\(number)=\(value)"] }
        }
        self.arguments = arguments
    }

    /// Pages a second.
    func pagesPerSecond(seconds: Int) throws -> Double {
        let output = try database.command(
            "pgbench",
            arguments + ["-T", "\(seconds)"],
            setup: EventReader.sessionSetup
        ).text()
        guard let match = output.firstMatch(of: /tps = ([0-9.]+)/), let rate = Double(match.1),
            output.contains("failed transactions: 0 ")
        else { throw BenchError("pgbench failed, or speaks in other words than expected:\n\(output)") }
        return rate
    }

    /// Replaces `$1` and so on by pgbench's variables, by what each is compared with.
    private static func script(_ sql: String, _ values: [String: String], _ number: Int) throws -> String {
        var script = sql
        for name in values.keys {
            let place = name == "limit" ? /LIMIT \$[0-9]+/ : try Regex("\\b\(name) = \\$[0-9]+")
            let start = name == "limit" ? "LIMIT" : "\(name) ="
            script = script.replacing(place) { _ in "\(start) :\(name)_\(number)" }
        }
        guard !script.contains("$") else {
            throw BenchError("the reader's SQL has a parameter that the reference does not know: \(script)")
        }
        return script
    }
}
