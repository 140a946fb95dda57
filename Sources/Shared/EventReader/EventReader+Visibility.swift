import EventModel
import Postgres
import Synchronization

extension EventReader {
    /// Puts the scope of a question, and what may be seen of it, into a selection. False if that is nothing.
    ///
    /// What may not be seen is not even looked up: the answer is the same whether it exists or not.
    ///
    /// - Throws: `EventReaderError.unknownCluster`, `PostgresError`.
    func place(
        _ selection: inout EventSelection,
        _ query: EventQuery,
        _ connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws -> Bool {
        switch query.scope {
        case .everything:
            guard case .only(let clusters) = query.visibility else { return true }
            var visible = VisiblePlaces()
            let whole = clusters.filter { $0.value == .all }.keys.sorted()
            if !whole.isEmpty { visible.clusters = try await clusterIDs(whole, connection, deadline) }
            visible.namespaces = try await namespaceIDs(clusters, connection, deadline)
            return selection.narrow(to: visible)
        case .cluster(let cluster):
            guard let visibility = query.visibility[cluster] else { return false }
            let clusterID = try await clusterID(cluster, connection, deadline)
            selection.clusterID = clusterID
            guard case .only = visibility else { return true }
            let namespaces = try await namespaceIDs([cluster: visibility], connection, deadline)
            return selection.narrow(to: VisiblePlaces(namespaces: namespaces))
        case .namespace(let cluster, let namespace):
            guard query.visibility.includes(cluster: cluster, namespace: namespace) else { return false }
            let clusterID = try await clusterID(cluster, connection, deadline)
            selection.clusterID = clusterID
            selection.object = query.name.map {
                EventIdentity.object(cluster: cluster, namespace: namespace, name: $0)
            }
            selection.namespaceID = try await namespaceID(clusterID, namespace, connection, deadline)
            return selection.namespaceID != nil
        }
    }

    /// The ids of the namespaces that may be seen by name, sorted; names that the archive does not know have none.
    func namespaceIDs(
        _ clusters: [String: NamespaceVisibility],
        _ connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws -> [Int32] {
        var ids: [Int32] = []
        var missing: (clusters: [String], namespaces: [String]) = ([], [])
        for (cluster, visibility) in clusters {
            guard case .only(let namespaces) = visibility else { continue }
            caches.withLock { caches in
                let clusterID = caches.clusterID(cluster)
                for namespace in namespaces {
                    if let id = clusterID.flatMap({ caches.namespaceID($0, namespace) }) {
                        ids.append(id)
                    } else {
                        missing.clusters.append(cluster)
                        missing.namespaces.append(namespace)
                    }
                }
            }
        }
        if !missing.clusters.isEmpty {
            var parameters = PostgresParameters()
            parameters.append(PostgresArray(missing.clusters))
            parameters.append(PostgresArray(missing.namespaces))
            let result = try await connection.query(Self.visibleNamespaces, parameters, deadline: deadline)
            caches.withLock { caches in
                for row in 0..<result.rowCount {
                    let (clusterID, id) = (result.int32(row, 1), result.int32(row, 3))
                    caches.remember(result.text(row, 0), as: clusterID)
                    caches.remember(clusterID, result.text(row, 2), as: id)
                    ids.append(id)
                }
            }
        }
        return ids.sorted()
    }

    private static let visibleNamespaces = PostgresStatement(
        """
        SELECT c.name, c.cluster_id, n.name, n.ns_id
        FROM unnest($1::text[], $2::text[]) AS v(cluster, namespace)
        JOIN kee.cluster c ON c.name = v.cluster
        JOIN kee.namespace n ON n.cluster_id = c.cluster_id AND n.name = v.namespace
        """,
        parameterTypes: [.text.array, .text.array]
    )
}

extension EventSelection {
    /// One cluster or one namespace is asked for as any other. False for none.
    mutating func narrow(to places: VisiblePlaces) -> Bool {
        switch (places.clusters.count, places.namespaces.count) {
        case (0, 0): return false
        case (1, 0): clusterID = places.clusters[0]
        case (0, 1): namespaceID = places.namespaces[0]
        default: visible = places
        }
        return true
    }
}
