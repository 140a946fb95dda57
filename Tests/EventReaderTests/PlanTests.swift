import EventModel
import EventReader
import EventWriter
import Postgres
import TestSupport
import Testing

/// The plans that decide whether a page costs a millisecond or a second.
@Suite struct PlanTests {
    @Test(arguments: [
        ("cluster_id = 1", "event_202611_cluster_id_ts_idx"), ("ns_id = 1", "event_202611_ns_id_ts_idx"),
        ("res = 1 AND name = 'web-1'", "event_202611_res_ts_idx"),
        ("cluster_id = 1 AND kind_id = ANY ('{1,2}')", "event_202611_cluster_id_ts_idx"), ("true", "event_202611_pkey"),
    ])
    func aPageIsABackwardScanOfOneIndex(_ condition: String, _ index: String) async throws {
        let archive = try await TestArchive()
        for cluster in 0..<5 {
            let events = try (0..<1_000).map {
                try Event.sample(
                    $0,
                    namespace: "ns-\($0 % 20)",
                    name: "web-\($0 % 100)",
                    time: "2026-11-\($0 % 18 + 10)T00:00:00Z"
                )
            }
            _ = try await archive.writer(cluster: "c-\(cluster)").write(events, deadline: TestArchive.soon)
        }
        try await archive.execute("ANALYZE kee.event_202611")
        let plan = try await archive.reading.withConnection(deadline: TestArchive.soon) { connection in
            try await connection.execute(
                """
                PREPARE page (timestamptz, int8) AS SELECT * FROM kee.event_202611 WHERE \(condition)
                AND ts <= $1 AND (ts, id) < ($1, $2) ORDER BY ts DESC, id DESC LIMIT 50
                """,
                deadline: TestArchive.soon
            )
            let result = try await connection.query(
                PostgresStatement("EXPLAIN EXECUTE page ('2026-11-21', 0)"),
                deadline: TestArchive.soon
            )
            return (0..<result.rowCount).map { result.text($0, 0) }.joined(separator: "\n")
        }
        #expect(plan.contains("Index Scan Backward using \(index)"), "\(plan)")
        #expect(!plan.contains("Bitmap"), "\(plan)")
        await archive.close()
    }
}
