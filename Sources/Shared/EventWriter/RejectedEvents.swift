public import Postgres

/// Keeps aside what came in as an event and could not be archived, for somebody to look at.
public struct RejectedEvents: Sendable {
    /// How many are kept for each cluster; the oldest go first.
    public static let limit = 10_000
    /// How much of a body is kept, in bytes.
    public static let bodyLimit = 1 << 20

    private let cluster: String
    private let pool: PostgresPool

    /// For one cluster.
    public init(cluster: String, pool: PostgresPool) {
        (self.cluster, self.pool) = (cluster, pool)
    }

    /// - Throws: `PostgresError`.
    public func keep(_ body: some Collection<UInt8>, reason: String, deadline: ContinuousClock.Instant) async throws {
        var parameters = PostgresParameters()
        parameters.append(cluster)
        parameters.append(String(reason.unicodeScalars.filter { $0 != "\0" }))
        parameters.append(bytea: body.prefix(Self.bodyLimit))
        try await pool.withConnection(deadline: deadline) { [parameters] connection in
            _ = try await connection.query(Self.insertion, parameters, deadline: deadline)
        }
    }

    private static let insertion = PostgresStatement(
        """
        WITH kept AS (INSERT INTO kee.rejected_event (cluster, reason, body) VALUES ($1, $2, $3))
        DELETE FROM kee.rejected_event WHERE cluster = $1 AND rejected_id <= (
            SELECT rejected_id FROM kee.rejected_event WHERE cluster = $1
            ORDER BY rejected_id DESC OFFSET \(limit - 1) LIMIT 1)
        """,
        parameterTypes: [.text, .text, .bytea]
    )
}
