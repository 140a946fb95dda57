import EventModel
import EventWriter

extension TestArchive {
    /// Fills a cluster with events quickly: one is written as a collector does, and copied in the database, each copy
    /// with a time, a uid and a message of its own. They lie `spacing` milliseconds apart, the newest at `newest`.
    ///
    /// - Parameters:
    ///   - count: of events; they must lie in one month.
    ///   - padding: bytes that are added to each message.
    public func fill(
        _ count: Int,
        cluster: String,
        newest: String = "2026-11-21T02:00:00Z",
        spacing: Int = 10,
        padding: Int = 0
    ) async throws {
        let event = try Event(
            json: """
                {"metadata":{"name":"web-1.18e9ed4676dad990","namespace":"shop","resourceVersion":"7",
                "uid":"0d2b9e84-6f4b-4b8e-9a53-1f6f3a0c5a11","creationTimestamp":"\(newest)"},"type":"Warning",
                "involvedObject":{"kind":"Pod","namespace":"shop","name":"web-1","apiVersion":"v1","resourceVersion":"6",
                "uid":"5c1f4c1e-7a56-4a0b-8a3e-6f0f5d1d8a22","fieldPath":"spec.containers{app}"},"reason":"BackOff",
                "message":"Back-off restarting failed container app in pod web-1_shop","eventTime":null,"count":1,
                "source":{"component":"kubelet","host":"node-1"},"firstTimestamp":"\(newest)",
                "lastTimestamp":"\(newest)","reportingComponent":"kubelet","reportingInstance":"node-1"}
                """
        )
        _ = try await writer(cluster: cluster).write([event], deadline: Self.soon)
        let ofCluster = "cluster_id = (SELECT cluster_id FROM kee.cluster WHERE name = '\(cluster)')"
        let last = try await value("SELECT id FROM kee.event WHERE \(ofCluster) ORDER BY ts DESC LIMIT 1")
        for first in stride(from: 1, to: count, by: 100_000) {
            try await execute(
                """
                INSERT INTO kee.event (\(Self.columns))
                SELECT e.ts - make_interval(secs => i * \(spacing) / 1000.0), hashint8extended(i, 7), e.rv + i, e.suffix,
                    e.obj_rv, e.res, md5(i::text)::uuid, e.obj_uid, e.cluster_id, e.ns_id, e.kind_id, e.reason_id,
                    e.type_id, e.source_id, e.field_path_id, e.first_d, e.created_d, e.count, e.shape, e.name,
                    e.message || ' (' || md5(i::text) || ')' || repeat('x', \(padding)), e.extra, e.raw
                FROM (SELECT * FROM kee.event WHERE \(ofCluster) AND id = \(last)) e
                CROSS JOIN generate_series(\(first)::int8, \(min(first + 99_999, count - 1))) AS i
                """
            )
        }
        try await execute(
            """
            UPDATE kee.tally SET events = \(count),
                first_ts = last_ts - make_interval(secs => \(count - 1) * \(spacing) / 1000.0) WHERE \(ofCluster);
            ANALYZE kee.event
            """
        )
    }

    private static let columns = """
        ts, id, rv, suffix, obj_rv, res, uid, obj_uid, cluster_id, ns_id, kind_id, reason_id, type_id, source_id,
        field_path_id, first_d, created_d, count, shape, name, message, extra, raw
        """
}
