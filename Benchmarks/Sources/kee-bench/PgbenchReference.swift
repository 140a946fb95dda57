import EventReader
import Foundation

/// A page's SQL by pgbench with four clients and prepared statements: what the server can do when nobody looks at the
/// rows.
struct PgbenchReference {
    private let database: Database
    private let arguments: [String]

    static let clients = 4

    /// - Parameter statements: of one page.
    init(
        _ statements: [String],
        _ targets: [PageTarget],
        limit: Int,
        database: Database,
        folder: String
    ) throws {
        self.database = database
        var arguments = ["-n", "-M", "prepared", "-c", "\(Self.clients)", "-j", "2"]
        let batch = UUID().uuidString
        for (number, target) in targets.enumerated() {
            var values = target.ids
            values["limit"] = "\(limit + 1)"
            let file = "\(folder)/page-\(batch)-\(number).sql"
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
