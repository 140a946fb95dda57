public import Coverage
import EventSchema
public import Postgres

/// How far the archive holds what a watch brought: written in the transaction of the rows, and read by whoever goes on.
public struct WatchCursor: Sendable, Equatable {
    /// The namespace that is watched; nil for all.
    public var namespace: String?
    /// Everything up to here is in the archive.
    public var position: WatchPosition

    /// A cursor from its parts.
    public init(namespace: String?, position: WatchPosition) {
        (self.namespace, self.position) = (namespace, position)
    }

    /// The cursors of a cluster as they were committed last.
    ///
    /// - Throws: `PostgresError`.
    public static func committed(
        for cluster: String,
        in pool: PostgresPool,
        deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> [WatchCursor] {
        var parameters = PostgresParameters()
        parameters.append(cluster)
        let result = try await pool.query(Self.selection, parameters, deadline: deadline)
        return (0..<result.rowCount).map { row in
            let namespace = result.text(row, 0)
            let stretch = CoverageStretch(
                since: result.timestampMicroseconds(row, 2),
                until: result.timestampMicroseconds(row, 3),
                // A cause that a later version wrote: what counts here is only where to go on.
                cause: CoverageStretch.Cause(rawValue: result.text(row, 4)) ?? .expired
            )
            return WatchCursor(
                namespace: namespace.isEmpty ? nil : namespace,
                position: WatchPosition(resourceVersion: result.text(row, 1), stretch: stretch)
            )
        }
    }

    private static let selection = PostgresStatement(
        """
        SELECT w.namespace, w.resource_version, w.since, w.until, w.cause
        FROM kee.watch_cursor w JOIN kee.cluster c USING (cluster_id) WHERE c.name = $1 ORDER BY 1
        """,
        parameterTypes: [.text]
    )
}

/// Moves cursors and extends the stretches that they stand in.
///
/// A cursor only ever moves to a position that supersedes it (`WatchPosition.supersedes`, here in SQL), so that a
/// collector that was frozen for a while, or drains an old spool, sets nobody back.
enum CursorStatement {
    static let statement = PostgresStatement(
        """
        WITH reached AS (
            SELECT $1::int4 AS cluster_id, * FROM unnest($2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[],
                $6::text[]) WITH ORDINALITY AS r(namespace, resource_version, since, until, cause, place)
        ), ledger AS (
            INSERT INTO kee.coverage AS c (cluster_id, namespace, since, until, cause)
            SELECT cluster_id, namespace, since, until, cause FROM reached ORDER BY namespace, since
            ON CONFLICT (cluster_id, namespace, since) DO UPDATE SET until = excluded.until
            WHERE excluded.until > c.until
        )
        INSERT INTO kee.watch_cursor AS w (cluster_id, namespace, resource_version, since, until, cause)
        SELECT DISTINCT ON (namespace) cluster_id, namespace, resource_version, since, until, cause
        FROM reached ORDER BY namespace, place DESC
        ON CONFLICT (cluster_id, namespace) DO UPDATE SET resource_version = excluded.resource_version,
            since = excluded.since, until = excluded.until, cause = excluded.cause
        WHERE excluded.until > w.until OR (
            excluded.resource_version ~ '^(0|[1-9][0-9]*)$' AND w.resource_version ~ '^(0|[1-9][0-9]*)$'
            AND (length(excluded.resource_version), excluded.resource_version)
                > (length(w.resource_version), w.resource_version))
        """,
        parameterTypes: [
            .int4, .text.array, .text.array, .timestamptz.array, .timestamptz.array, .text.array,
        ]
    )

    /// - Parameter cursors: one for each namespace and stretch, in the order in which they were reached.
    static func parameters(_ cursors: [WatchCursor], clusterID: Int32) -> PostgresParameters {
        var namespaces = PostgresArray(of: .text)
        var versions = PostgresArray(of: .text)
        var since = PostgresArray(of: .timestamptz)
        var until = PostgresArray(of: .timestamptz)
        var causes = PostgresArray(of: .text)
        for cursor in cursors {
            namespaces.append(cursor.namespace ?? "")
            versions.append(cursor.position.resourceVersion)
            since.append(timestampMicroseconds: cursor.position.stretch.since)
            until.append(timestampMicroseconds: cursor.position.stretch.until)
            causes.append(cursor.position.stretch.cause.rawValue)
        }
        var parameters = PostgresParameters()
        parameters.append(clusterID)
        for array in [namespaces, versions, since, until, causes] { parameters.append(array) }
        return parameters
    }
}
