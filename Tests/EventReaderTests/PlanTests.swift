import EventModel
import EventSchema
import EventWriter
import Postgres
import TestSupport
import Testing

@testable import EventReader

/// The plans that decide whether a page costs a millisecond or a second.
@Suite struct PlanTests {
    struct Question: Sendable, CustomTestStringConvertible {
        let conditions: [SelectStatement.Condition]
        /// As SQL, in the order of the conditions.
        let values: String
        let index: String

        var testDescription: String { "\(conditions)" }
    }

    private static let questions = [
        Question(conditions: [.cluster, .cursor], values: "1, '2026-11-21', 0", index: "cluster_id_ts_idx"),
        Question(
            conditions: [.cluster, .kinds, .cursor],
            values: "1, '{1,2}', '2026-11-21', 0",
            index: "cluster_id_ts_idx"
        ),
        Question(conditions: [.namespace, .cursor], values: "1, '2026-11-21', 0", index: "ns_id_ts_idx"),
        Question(
            conditions: [.namespace, .object, .name, .cursor],
            values: "1, 7, 'web-1', '2026-11-21', 0",
            index: "res_ts_idx"
        ),
        Question(conditions: [.cursor], values: "'2026-11-21', 0", index: "pkey"),
    ]

    /// With one cluster and two namespaces the primary key looks cheap to walk; a quiet one must not pay for the others.
    @Test func aPageIsAScanOfTheIndexThatHoldsItHoweverFewClustersThereAre() async throws {
        let archive = try await TestArchive()
        let writer = archive.writer(cluster: "c")
        for start in stride(from: 0, to: 5_000, by: 1_000) {
            let events = try (start..<(start + 1_000)).map {
                try Event.sample(
                    $0,
                    namespace: "ns-\($0 % 2)",
                    name: "web-\($0 % 100)",
                    time: "2026-11-\($0 % 18 + 10)T00:00:00Z"
                )
            }
            _ = try await writer.write(events, deadline: TestArchive.soon)
        }
        try await archive.execute("ANALYZE kee.event")
        let month = try #require(EventMonth(partition: "event_202611"))
        for table in [SelectStatement.Table.months([month]), .parent] {
            for order in [EventQuery.Order.newestFirst, .oldestFirst] {
                for question in Self.questions {
                    let plan = try await plan(of: question, order, table, in: archive)
                    #expect(plan.contains("event_202611_\(question.index)"), "\(question) \(order) \(table)\n\(plan)")
                    #expect(!plan.contains("Bitmap") && !plan.contains("Seq Scan"), "\(plan)")
                }
            }
        }
        await archive.close()
    }

    private func plan(
        of question: Question,
        _ order: EventQuery.Order,
        _ table: SelectStatement.Table,
        in archive: TestArchive
    ) async throws -> String {
        let statement = SelectStatement(conditions: question.conditions, order: order, table: table).postgres
        return try await archive.reading.withConnection(deadline: TestArchive.soon) { connection in
            try await connection.execute("DEALLOCATE ALL; PREPARE page AS \(statement.sql)", deadline: TestArchive.soon)
            let explained = try await connection.query(
                PostgresStatement("EXPLAIN EXECUTE page (\(question.values), 50)"),
                deadline: TestArchive.soon
            )
            return (0..<explained.rowCount).map { explained.text($0, 0) }.joined(separator: "\n")
        }
    }
}
