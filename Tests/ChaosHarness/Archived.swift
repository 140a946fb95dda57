import JSON
import Postgres
import TestSupport

/// What the database holds, read past all our programs.
struct Archived: Sendable {
    /// How often each state is there.
    private(set) var counts: [StateIdentity: Int] = [:]
    /// Rows without uid or resourceVersion, which no state can be.
    private(set) var strangers = 0
    /// What was kept aside because it could not be archived.
    private(set) var rejected = 0
    /// The stretches of time that the archive vouches for, both of them in microseconds since 1970.
    private(set) var stretches: [ClosedRange<Int64>] = []

    /// For the tests of the verdict.
    init(counts: [StateIdentity: Int], stretches: [ClosedRange<Int64>]) {
        (self.counts, self.stretches) = (counts, stretches)
    }

    /// Reads what is there of a cluster.
    ///
    /// - Throws: `PostgresError` if the database is not to be had, or has no tables yet.
    init(cluster: String, in connectionString: String) async throws {
        self = try await Self.withConnection(to: connectionString) { connection in
            var archived = Archived(counts: [:], stretches: [])
            try await archived.read(cluster, connection)
            return archived
        }
    }

    /// When the newest stretch began, in microseconds since 1970; nil if there is none.
    static func newestStretch(of cluster: String, in connectionString: String) async throws -> Int64? {
        var parameters = PostgresParameters()
        parameters.append(cluster)
        let sent = parameters
        return try await withConnection(to: connectionString) { connection in
            let rows = try await connection.query(coverage, sent, deadline: .now + .seconds(10))
            return (0..<rows.rowCount).map { rows.timestampMicroseconds($0, 0) }.max()
        }
    }

    private static func withConnection<Value>(
        to connectionString: String,
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await PostgresConnection.connect(
            PostgresConfiguration(connectionString: connectionString, applicationName: "kee-chaos"),
            deadline: .now + .seconds(10)
        )
        do {
            let value = try await body(connection)
            await connection.close()
            return value
        } catch {
            await connection.close()
            throw error
        }
    }

    private mutating func read(_ cluster: String, _ connection: PostgresConnection) async throws {
        var parameters = PostgresParameters()
        parameters.append(cluster)
        let deadline = ContinuousClock.now + .seconds(120)
        let rows = try await connection.query(Self.events, parameters, deadline: deadline)
        for row in 0..<rows.rowCount { try take(rows, row) }
        rejected = Int(try await connection.query(Self.rejections, parameters, deadline: deadline).int64(0, 0))
        let stretches = try await connection.query(Self.coverage, parameters, deadline: deadline)
        self.stretches = (0..<stretches.rowCount).map { row in
            let since = stretches.timestampMicroseconds(row, 0)
            return since...max(since, stretches.timestampMicroseconds(row, 1))
        }
    }

    private mutating func take(_ rows: PostgresResult, _ row: Int) throws {
        guard !rows.isNull(row, 0), !rows.isNull(row, 1) else {
            strangers += 1
            return
        }
        var content = UUIDHalves(rows.uuid(row, 2))
        if !rows.isNull(row, 3) {
            let raw = rows.withBytes(row, 3) { Array($0) }
            content = StateIdentity.content(of: try JSONDocument(parsing: raw).root)
        }
        let identity = StateIdentity(uid: UUIDHalves(rows.uuid(row, 0)), version: rows.int64(row, 1), content: content)
        counts[identity, default: 0] += 1
    }

    /// The count of a series stands in `extra`, as the view `kee.event_log` has it.
    private static let events = PostgresStatement(
        """
        SELECT e.uid, e.rv,
            md5(e.message || chr(31) || coalesce(e.extra #>> '{e,series,count}', e.count::text, '1'))::uuid, e.raw
        FROM kee.event e JOIN kee.cluster c USING (cluster_id) WHERE c.name = $1
        """
    )
    private static let rejections = PostgresStatement("SELECT count(*) FROM kee.rejected_event WHERE cluster = $1")
    private static let coverage = PostgresStatement(
        """
        SELECT v.since, v.until FROM kee.coverage v JOIN kee.cluster c USING (cluster_id) WHERE c.name = $1
        UNION ALL
        SELECT v.since, v.until FROM kee.watch_cursor v JOIN kee.cluster c USING (cluster_id) WHERE c.name = $1
        """
    )
}
