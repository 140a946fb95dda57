import Postgres

extension EventReader {
    /// The names of a cluster's namespaces, as far as the archive knows any, at most `limit` of them; empty for a cluster
    /// that it does not know. For those who find out what somebody may see: nobody else is shown them.
    public func namespaceNames(
        of cluster: String,
        limit: Int,
        deadline: ContinuousClock.Instant
    ) async throws(EventReaderError) -> [String] {
        try await reading(deadline) { connection in
            var parameters = PostgresParameters()
            parameters.append(cluster)
            parameters.append(Int64(limit))
            let result = try await connection.query(Self.namespaceNames, parameters, deadline: deadline)
            return (0..<result.rowCount).map { result.text($0, 0) }
        }
    }

    private static let namespaceNames = PostgresStatement(
        """
        SELECT n.name FROM kee.namespace n JOIN kee.cluster c USING (cluster_id) WHERE c.name = $1
        ORDER BY n.name LIMIT $2
        """,
        parameterTypes: [.text, .int8]
    )
}
