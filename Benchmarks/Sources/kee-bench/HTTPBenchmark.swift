import Foundation
import JSON
import Postgres

/// kee-query under wrk with 16 connections, against the same SQL by pgbench with four clients: the figure that design
/// decisions are measured by.
struct HTTPBenchmark {
    let settings: BenchSettings
    let database: Database

    private static let limit = 50

    func run(into table: inout ResultTable) async throws {
        guard let base = settings.queryURL, settings.hasWrk else {
            table.note("http: left out, for want of \(settings.queryURL == nil ? "kee-query" : "wrk")")
            return
        }
        for shape in [PageTarget.Shape.namespace, .object] {
            let pool = database.pool(connections: 1)
            let targets = try await PageTarget.all(shape, pool)
            await pool.shutdown()
            let references = try await PageReferences(targets, limit: Self.limit, settings, database)
            let paths = targets.map(Self.path)
            for path in paths { try Self.check(base + path) }
            let wrk = try WrkRun(paths: paths, base: base, folder: settings.folder)
            _ = try wrk.run(seconds: 1)
            var ours = Measured("pages/s")
            var (half, nearlyAll) = (Measured("ms"), Measured("ms"))
            for _ in 0..<settings.rounds {
                let report = try wrk.run(seconds: settings.secondsOfRound)
                ours.add(report.requestsPerSecond)
                half.add(report.p50)
                nearlyAll.add(report.p99)
                try references.measure(seconds: settings.secondsOfRound)
            }
            references.add("http: \(shape.rawValue)", ours, to: &table)
            table.note(
                "http: \(shape.rawValue), 16 connections: latency p50 \(half.text), p99 \(nearlyAll.text)"
            )
        }
    }

    private static func path(of target: PageTarget) -> String {
        var path = "/events/\(target.cluster)"
        if let namespace = target.namespace { path += "/\(namespace)" }
        return path + "?limit=\(limit)" + (target.object.map { "&name=\($0)" } ?? "")
    }

    /// The answer is a whole page, or its speed would mean nothing.
    private static func check(_ url: String) throws {
        let body = try Command(program: "curl", arguments: ["-sS", "--fail-with-body", "-m", "10", url]).output()
        let items = try JSONDocument(parsing: Array(body)).root["items"].map { Array($0.elements).count } ?? 0
        guard items == limit else { throw BenchError("\(url) answered \(items) events and not \(limit)") }
    }
}
