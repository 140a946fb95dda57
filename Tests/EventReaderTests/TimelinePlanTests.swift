import EventModel
import EventSchema
import EventWriter
import Postgres
import TestSupport
import Testing

@testable import EventReader

/// A thousand objects of one story in an archive of five years.
@Suite("The plan of a story", .timeLimit(.minutes(5))) struct TimelinePlanTests {
    private static let pods = 999

    private func uid(_ number: Int) -> UUIDBits { UUIDBits(high: 0x4000, low: UInt64(number)) }

    /// A Deployment with its Pods, four events of each pod in some month, among those of others.
    private func filled() async throws -> TestArchive {
        let archive = try await TestArchive()
        _ = try await archive.writer(cluster: "c").write(
            [.sample(1, kind: "Deployment", name: "web"), .sample(2, name: "pod")],
            deadline: TestArchive.soon
        )
        try await archive.writing.withConnection(deadline: TestArchive.soon) { connection in
            let newest = try #require(EventMonth(partition: "event_202611"))
            let months = Set((0..<60).map { newest.advanced(by: -$0) })
            try await EventPartitions().ensure(months, on: connection, deadline: TestArchive.soon)
        }
        let rows = (1...Self.pods).map {
            let hash = EventIdentity.object(cluster: "c", namespace: "shop", name: "pod-\($0)")
            return "(\($0), \(hash), 'pod-\($0)', '\(uid($0))'::uuid)"
        }
        try await archive.execute(
            """
            CREATE TEMPORARY TABLE pod (n, res, name, uid) AS VALUES \(rows.joined(separator: ","));
            INSERT INTO kee.event (ts, id, res, obj_uid, cluster_id, ns_id, kind_id, reason_id, type_id, source_id,
                shape, name, message)
            SELECT e.ts - interval '1 day' * (p.n % 1800) - interval '1 minute' * m, p.n * 10 + m, p.res, p.uid,
                e.cluster_id, e.ns_id, e.kind_id, e.reason_id, e.type_id, e.source_id, e.shape, p.name, 'm'
            FROM kee.event e, pod p, generate_series(1, 4) m WHERE e.name = 'pod';
            INSERT INTO kee.event (ts, id, res, obj_uid, cluster_id, ns_id, kind_id, reason_id, type_id, source_id,
                shape, name, message)
            SELECT e.ts - interval '1 minute' * (n % 2600000), 1000000 + n, n % 20000, NULL,
                e.cluster_id, e.ns_id, e.kind_id, e.reason_id, e.type_id, e.source_id, e.shape, 'other', 'm'
            FROM kee.event e, generate_series(1, 200000) AS g(i), LATERAL (SELECT i * 13 AS n) x WHERE e.name = 'pod';
            INSERT INTO kee.object (cluster_id, kind_id, chain, uid, namespace, name)
            SELECT cluster_id, kind_id, 5, '\(uid(0))', 'shop', 'web' FROM kee.event WHERE name = 'web';
            INSERT INTO kee.object (cluster_id, kind_id, owner_kind_id, chain, uid, owner_uid, namespace, name, owner_name)
            SELECT e.cluster_id, e.kind_id, d.kind_id, 5, p.uid, '\(uid(0))', 'shop', p.name, 'web'
            FROM pod p, kee.event e, kee.event d WHERE e.name = 'pod' AND d.name = 'web';
            ANALYZE kee.event;
            ANALYZE kee.object;
            """
        )
        return archive
    }

    @Test func itIsReadByTheIndexesOnObjectsHoweverLongTheArchive() async throws {
        let archive = try await filled()
        var query = TimelineQuery(
            cluster: "c",
            namespace: "shop",
            kinds: [KindReference(kind: "Deployment")],
            name: "web"
        )
        for (order, limit) in [(EventQuery.Order.newestFirst, 100), (.newestFirst, 1_000), (.oldestFirst, 100)] {
            query.order = order
            let start = ContinuousClock.now
            let page = try await archive.reader.timeline(query, limit: limit, deadline: TestArchive.soon)
            print(
                "a story of \(page.objects.count) objects, \(order), \(page.events.count) events:",
                start.duration(to: .now)
            )
            #expect(page.events.count == limit)
            #expect(page.objects.count == 1_000 && !page.objectsAreTruncated)
        }
        let objects = try await archive.reader.timeline(query, limit: 1, deadline: TestArchive.soon).objects
        let stories = TimelineStories(query, kinds: [1], objects: objects)
        try await archive.reading.withConnection(deadline: TestArchive.soon) { connection in
            let filters = try #require(
                try await TimelineFilters(query, after: nil, on: connection, deadline: TestArchive.soon)
            )
            let statement = stories.statement(filters, in: ["kee.event"])
            try await connection.execute(
                "DEALLOCATE ALL; PREPARE story AS \(statement.sql)",
                deadline: TestArchive.soon
            )
            let explained = try await connection.query(
                PostgresStatement("EXPLAIN EXECUTE story (1, 'web', '{1}', '{2,3}', '{a,b}', '{\(uid(1))}', 100)"),
                deadline: TestArchive.soon
            )
            let plan = (0..<explained.rowCount).map { explained.text($0, 0) }.joined(separator: "\n")
            #expect(plan.contains("event_202611_res_ts_idx"), "\(plan)")
            #expect(!plan.contains("Seq Scan") && !plan.contains("Bitmap"), "\(plan)")
        }
        await archive.close()
    }
}
