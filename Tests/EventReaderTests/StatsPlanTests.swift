import EventModel
import EventSchema
import EventWriter
import Postgres
import TestSupport
import Testing

@testable import EventReader

/// The plans that decide whether a month of hours costs milliseconds or seconds.
@Suite("Plans of numbers over time")
struct StatsPlanTests {
    private static let places: [(StatsStatement.Place, String)] = [
        (.everything, ""), (.cluster, ", 1"), (.namespaces, ", '{1,2}'"),
    ]

    @Test func onlyTheRangeIsReadOfTheHoursAndOfTheEvents() async throws {
        let archive = try await TestArchive()
        for cluster in ["a", "b", "c"] {
            let events = try (0..<2_000).map {
                try Event.sample($0, namespace: "ns-\($0 % 3)", reason: "r-\($0 % 10)", time: Self.time($0))
            }
            _ = try await archive.writer(cluster: cluster).write(events, deadline: TestArchive.soon)
        }
        try await archive.execute("ANALYZE")
        for (place, value) in Self.places {
            for key in StatsQuery.Key.allCases {
                let statement = StatsStatement(key: key, bucket: .hour, place: place, filters: [.types, .components])
                let plan = try await plan(of: statement, value, in: archive)
                let table = place == .namespaces || key == .namespace ? "namespace_hour" : "cluster_hour"
                #expect(plan.contains("using \(table)_pkey"), "\(key) \(place)\n\(plan)")
                #expect(!plan.contains("Seq Scan on \(table)") && !plan.contains("Bitmap"), "\(key) \(place)\n\(plan)")
                #expect(!plan.contains("Seq Scan on event_2"), "\(key) \(place)\n\(plan)")
            }
        }
        await archive.close()
    }

    private static func time(_ number: Int) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "2026-\(two(number % 3 + 9))-\(two(number % 27 + 1))T\(two(number % 23)):\(two(number % 59)):00Z"
    }

    private func plan(
        of statement: StatsStatement,
        _ place: String,
        in archive: TestArchive
    ) async throws -> String {
        try await archive.reading.withConnection(deadline: TestArchive.soon) { connection in
            try await connection.execute(
                "DEALLOCATE ALL; PREPARE stats AS \(statement.postgres.sql)",
                deadline: TestArchive.soon
            )
            let explained = try await connection.query(
                PostgresStatement(
                    """
                    EXPLAIN EXECUTE stats ('{2026-10-01}', '{2026-11-01}', '{2026-11-01}', '{2026-11-02}', 10\(place),
                        '{1,2}', '{1}')
                    """
                ),
                deadline: TestArchive.soon
            )
            return (0..<explained.rowCount).map { explained.text($0, 0) }.joined(separator: "\n")
        }
    }
}
