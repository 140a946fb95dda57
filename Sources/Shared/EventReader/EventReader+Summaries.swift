import Postgres

extension EventReader {
    /// The clusters of which something may be seen, by name, each with what of it may be seen.
    public func clusters(
        visibility: Visibility = .everything,
        deadline: ContinuousClock.Instant
    ) async throws(EventReaderError) -> [ClusterSummary] {
        try await reading(deadline) { connection in
            var found = try await self.summaries(of: visibility, connection, deadline)
            if case .only(let clusters) = visibility {
                for (cluster, namespaces) in clusters {
                    guard case .only(let names) = namespaces else { continue }
                    found += try await self.summaries(of: cluster, names.sorted(), connection, deadline)
                }
                found.sort { Array($0.name.utf8).lexicographicallyPrecedes(Array($1.name.utf8)) }
            }
            return found
        }
    }

    /// Those that may be seen whole.
    private func summaries(
        of visibility: Visibility,
        _ connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> [ClusterSummary] {
        switch visibility {
        case .everything:
            return ClusterSummary.rows(try await connection.query(Self.allClusters, deadline: deadline))
        case .only(let clusters):
            let names = clusters.filter { $0.value == .all }.keys.sorted()
            guard !names.isEmpty else { return [] }
            var parameters = PostgresParameters()
            parameters.append(PostgresArray(names))
            return ClusterSummary.rows(try await connection.query(Self.someClusters, parameters, deadline: deadline))
        }
    }

    /// One that may be seen in part; nothing if the archive does not know it.
    private func summaries(
        of cluster: String,
        _ namespaces: [String],
        _ connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> [ClusterSummary] {
        guard !namespaces.isEmpty else { return [] }
        var parameters = PostgresParameters()
        parameters.append(cluster)
        parameters.append(PostgresArray(namespaces))
        return ClusterSummary.rows(try await connection.query(Self.partOfCluster, parameters, deadline: deadline))
    }

    /// The namespaces of a cluster that may be seen, by name, those behind `name` only.
    ///
    /// - Parameters:
    ///   - name: the last one of the page before; nil for the first.
    ///   - limit: at most so many.
    /// - Throws: `unknownCluster` besides the others, and for a cluster of which nothing may be seen.
    public func namespaces(
        of cluster: String,
        visibility: Visibility = .everything,
        after name: String? = nil,
        limit: Int,
        deadline: ContinuousClock.Instant
    ) async throws(EventReaderError) -> [NamespaceSummary] {
        guard let visible = visibility[cluster] else { throw .unknownCluster(cluster) }
        return try await reading(deadline) { connection in
            var parameters = PostgresParameters()
            parameters.append(try await self.clusterID(cluster, connection, deadline))
            parameters.append(Int64(limit))
            if let name { parameters.append(name) }
            var names: [String]?
            if case .only(let some) = visible { names = some.sorted() }
            if let names { parameters.append(PostgresArray(names)) }
            let statement = Self.namespaces(isContinued: name != nil, isPart: names != nil)
            let result = try await connection.query(statement, parameters, deadline: deadline)
            return (0..<result.rowCount).map { row in
                NamespaceSummary(
                    name: result.text(row, 0),
                    events: result.int64(row, 1),
                    firstEvent: result.isNull(row, 2) ? nil : result.timestampMicroseconds(row, 2),
                    lastEvent: result.isNull(row, 3) ? nil : result.timestampMicroseconds(row, 3)
                )
            }
        }
    }

    private static let counts = "coalesce(sum(t.events), 0)::int8, min(t.first_ts), max(t.last_ts)"

    private static let allClusters = PostgresStatement(
        """
        SELECT c.name, \(counts) FROM kee.cluster c LEFT JOIN kee.tally t USING (cluster_id)
        GROUP BY c.cluster_id, c.name ORDER BY c.name
        """
    )
    private static let someClusters = PostgresStatement(
        """
        SELECT c.name, \(counts) FROM kee.cluster c LEFT JOIN kee.tally t USING (cluster_id)
        WHERE c.name = ANY ($1) GROUP BY c.cluster_id, c.name ORDER BY c.name
        """,
        parameterTypes: [.text.array]
    )
    /// A cluster without any of these namespaces is there all the same: whoever may see a namespace of it knows that.
    private static let partOfCluster = PostgresStatement(
        """
        SELECT c.name, \(counts) FROM kee.cluster c
        LEFT JOIN kee.namespace n ON n.cluster_id = c.cluster_id AND n.name = ANY ($2)
        LEFT JOIN kee.tally t ON t.ns_id = n.ns_id
        WHERE c.name = $1 GROUP BY c.cluster_id, c.name
        """,
        parameterTypes: [.text, .text.array]
    )

    private static func namespaces(isContinued: Bool, isPart: Bool) -> PostgresStatement {
        var conditions = ["n.cluster_id = $1"]
        if isContinued { conditions.append("n.name > $3") }
        if isPart { conditions.append("n.name = ANY ($\(isContinued ? 4 : 3))") }
        return PostgresStatement(
            """
            SELECT n.name, \(counts)
            FROM (
                SELECT ns_id, name FROM kee.namespace n WHERE \(conditions.joined(separator: " AND "))
                ORDER BY n.cluster_id, n.name LIMIT $2
            ) n LEFT JOIN kee.tally t USING (ns_id)
            GROUP BY n.ns_id, n.name ORDER BY n.name
            """,
            parameterTypes: [.int4, .int8] + (isContinued ? [.text] : []) + (isPart ? [.text.array] : [])
        )
    }
}

extension ClusterSummary {
    fileprivate static func rows(_ result: PostgresResult) -> [ClusterSummary] {
        (0..<result.rowCount).map { row in
            ClusterSummary(
                name: result.text(row, 0),
                events: result.int64(row, 1),
                firstEvent: result.isNull(row, 2) ? nil : result.timestampMicroseconds(row, 2),
                lastEvent: result.isNull(row, 3) ? nil : result.timestampMicroseconds(row, 3)
            )
        }
    }
}
