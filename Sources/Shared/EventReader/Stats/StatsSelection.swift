import Postgres

/// A question about numbers with the names replaced by the ids of the dictionaries.
struct StatsSelection {
    var place: StatsStatement.Place
    var clusterID: Int32?
    var namespaceIDs: [Int32] = []
    var filters: [(filter: StatsStatement.Filter, ids: [Int32])] = []

    /// In the order of the statement's.
    func parameters(_ ranges: StatsRanges, top: Int) -> PostgresParameters {
        var parameters = PostgresParameters()
        for part in [ranges.rollup, ranges.events] {
            var (since, until) = (PostgresArray(of: .timestamptz), PostgresArray(of: .timestamptz))
            for range in part {
                since.append(timestampMicroseconds: range.lowerBound)
                until.append(timestampMicroseconds: range.upperBound)
            }
            parameters.append(since)
            parameters.append(until)
        }
        parameters.append(Int64(top))
        switch place {
        case .everything: break
        case .cluster: parameters.append(clusterID)
        case .namespaces: parameters.append(PostgresArray(namespaceIDs))
        }
        for (_, ids) in filters { parameters.append(PostgresArray(ids)) }
        return parameters
    }
}

extension EventReader {
    /// Replaces names by ids. Nil if nothing can match.
    ///
    /// - Throws: `EventReaderError.unknownCluster`, `PostgresError`.
    func selection(
        for query: StatsQuery,
        _ connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws -> StatsSelection? {
        guard var selection = try await place(of: query, connection, deadline) else { return nil }
        if !query.types.isEmpty {
            selection.filters.append((.types, try await ids(of: query.types, Self.typeIDs, connection, deadline)))
        }
        if !query.reasons.isEmpty {
            selection.filters.append((.reasons, try await ids(of: query.reasons, Self.reasonIDs, connection, deadline)))
        }
        if !query.kinds.isEmpty {
            let kinds = try await knownKinds(connection, deadline)
            let matching = kinds.filter { _, kind in query.kinds.contains { $0.matches(kind) } }
            selection.filters.append((.kinds, matching.keys.sorted()))
        }
        if !query.components.isEmpty {
            let components = try await ids(of: query.components, Self.componentIDs, connection, deadline)
            selection.filters.append((.components, components))
        }
        return selection.filters.contains { $0.ids.isEmpty } ? nil : selection
    }

    private func place(
        of query: StatsQuery,
        _ connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws -> StatsSelection? {
        switch query.scope {
        case .everything:
            guard case .only(let clusters) = query.visibility else { return StatsSelection(place: .everything) }
            return try await namespaces(clusters, connection, deadline)
        case .cluster(let cluster):
            let id = try await clusterID(cluster, connection, deadline)
            guard case .only(let namespaces) = query.visibility[cluster] else {
                return StatsSelection(place: .cluster, clusterID: id)
            }
            return try await self.namespaces([cluster: .only(namespaces)], connection, deadline)
        case .namespace(let cluster, let namespace):
            _ = try await clusterID(cluster, connection, deadline)
            return try await namespaces([cluster: .only([namespace])], connection, deadline)
        }
    }

    /// Those that may be seen of these clusters; nil if there are none.
    private func namespaces(
        _ clusters: [String: NamespaceVisibility],
        _ connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> StatsSelection? {
        var (names, namespaces) = (PostgresArray(of: .text), PostgresArray(of: .text))
        for (cluster, visibility) in clusters {
            switch visibility {
            case .all:
                names.append(cluster)
                namespaces.appendNull()
            case .only(let visible):
                for namespace in visible {
                    names.append(cluster)
                    namespaces.append(namespace)
                }
            }
        }
        var parameters = PostgresParameters()
        parameters.append(names)
        parameters.append(namespaces)
        let result = try await connection.query(Self.visibleNamespaces, parameters, deadline: deadline)
        guard result.rowCount > 0 else { return nil }
        let ids = (0..<result.rowCount).map { result.int32($0, 0) }
        return StatsSelection(place: .namespaces, namespaceIDs: ids.sorted())
    }

    private static let componentIDs = PostgresStatement(
        "SELECT component_id FROM kee.component WHERE name = ANY ($1)",
        parameterTypes: [.text.array]
    )
    private static let visibleNamespaces = PostgresStatement(
        """
        SELECT n.ns_id FROM unnest($1::text[], $2::text[]) AS v (cluster, namespace)
        JOIN kee.cluster c ON c.name = v.cluster
        JOIN kee.namespace n ON n.cluster_id = c.cluster_id AND (v.namespace IS NULL OR n.name = v.namespace)
        """,
        parameterTypes: [.text.array, .text.array]
    )
}
