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
        var places = SelectStatement.Places.oneByOne
        var isBounded = false
        /// What else must stand in the plan.
        var also = ""

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
        Question(
            conditions: [.cluster, .text, .cursor],
            values: "1, 'disk', '2026-11-21', 0",
            index: "cluster_id_ts_idx",
            isBounded: true
        ),
        // Each namespace by its own index, whatever its neighbours wrote.
        Question(
            conditions: [.namespaces, .reasons, .cursor],
            values: "'{1,2}', '{1}', '2026-11-21', 0",
            index: "ns_id_ts_idx",
            isBounded: true
        ),
        Question(
            conditions: [.clusters, .namespaces, .cursor],
            values: "'{1}', '{1,2}', '2026-11-21', 0",
            index: "cluster_id_ts_idx",
            also: "ns_id_ts_idx"
        ),
        // Too many for that: a look into a hash for each row.
        Question(
            conditions: [.cluster, .namespaces, .cursor],
            values: "1, '{1,2}', '2026-11-21', 0",
            index: "cluster_id_ts_idx",
            places: .filtered,
            also: "hashed SubPlan"
        ),
        Question(
            conditions: [.clusters, .namespaces, .cursor],
            values: "'{1}', '{1,2}', '2026-11-21', 0",
            index: "pkey",
            places: .filtered,
            also: "hashed SubPlan"
        ),
        Question(
            conditions: [.cluster, .sources, .cursor],
            values: "1, '{1,2}', '2026-11-21', 0",
            index: "cluster_id_ts_idx",
            also: "hashed SubPlan"
        ),
        Question(
            conditions: [.cluster, .components, .cursor],
            values: "1, '{kubelet}', '2026-11-21', 0",
            index: "cluster_id_ts_idx",
            also: "source_pkey"
        ),
        Question(
            conditions: [.cluster, .until, .latest, .snapshot, .cursor],
            values: "1, '2026-11-22', '700', '{}', '2026-11-21', 0",
            index: "cluster_id_ts_idx",
            also: "res_ts_idx"
        ),
        Question(
            conditions: [.namespaces, .latest, .snapshot, .cursor],
            values: "'{1,2}', '700', '{}', '2026-11-21', 0",
            index: "ns_id_ts_idx",
            also: "res_ts_idx"
        ),
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
        // A host for each node: with one row, a table's index is not worth a look.
        try await archive.execute(
            """
            INSERT INTO kee.source (component, host, reporting_component, reporting_instance)
            SELECT 'kubelet', 'other-' || n, '', '' FROM generate_series(1, 2000) n
            """
        )
        try await archive.execute("ANALYZE kee.event; ANALYZE kee.source")
        let month = try #require(EventMonth(partition: "event_202611"))
        for table in [SelectStatement.Table.months([month]), .parent] {
            for order in [EventQuery.Order.newestFirst, .oldestFirst] {
                for question in Self.questions {
                    let plan = try await plan(of: question, order, table, in: archive)
                    #expect(plan.contains("event_202611_\(question.index)"), "\(question) \(order) \(table)\n\(plan)")
                    #expect(
                        question.also.isEmpty || plan.contains(question.also),
                        "\(question) \(order) \(table)\n\(plan)"
                    )
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
        var shape = SelectStatement(conditions: question.conditions, order: order, table: table)
        (shape.places, shape.isBounded) = (question.places, question.isBounded)
        let statement = shape.postgres
        let types = statement.parameterTypes.map { "\($0.oid)::regtype" }.joined(separator: ", ")
        return try await archive.reading.withConnection(deadline: TestArchive.soon) { connection in
            let named = try await connection.query(
                PostgresStatement("SELECT concat_ws(',', \(types))"),
                deadline: TestArchive.soon
            )
            try await connection.execute(
                "DEALLOCATE ALL; PREPARE page (\(named.text(0, 0))) AS \(statement.sql)",
                deadline: TestArchive.soon
            )
            let explained = try await connection.query(
                PostgresStatement("EXPLAIN EXECUTE page (\(question.values), 50)"),
                deadline: TestArchive.soon
            )
            return (0..<explained.rowCount).map { explained.text($0, 0) }.joined(separator: "\n")
        }
    }
}
