import EventModel
import EventSchema
import Postgres
import Synchronization

extension EventReader {
    /// Replaces names by ids. Nil if a name occurs nowhere in the archive, so that nothing can match.
    ///
    /// - Throws: `EventReaderError.unknownCluster`, `PostgresError`.
    func selection(
        for query: EventQuery,
        _ connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws -> EventSelection? {
        var selection = EventSelection(order: query.order)
        selection.since = query.since
        selection.until = query.until
        selection.name = query.name
        switch query.scope {
        case .everything:
            break
        case .cluster(let cluster):
            selection.clusterID = try await clusterID(cluster, connection, deadline)
        case .namespace(let cluster, let namespace):
            let clusterID = try await clusterID(cluster, connection, deadline)
            selection.clusterID = clusterID
            selection.object = query.name.map {
                EventIdentity.object(cluster: cluster, namespace: namespace, name: $0)
            }
            selection.namespaceID = try await self.namespaceID(clusterID, namespace, connection, deadline)
            if selection.namespaceID == nil { return nil }
        }
        if !query.reasons.isEmpty {
            selection.reasons = try await ids(of: query.reasons, Self.reasonIDs, connection, deadline)
        }
        if !query.types.isEmpty {
            selection.types = try await ids(of: query.types, Self.typeIDs, connection, deadline)
        }
        if !query.kinds.isEmpty {
            let kinds = try await knownKinds(connection, deadline)
            selection.kinds = kinds.filter { _, kind in query.kinds.contains { $0.matches(kind) } }.keys.sorted()
        }
        let lists = [selection.reasons, selection.types, selection.kinds]
        return lists.contains { $0?.isEmpty == true } ? nil : selection
    }

    func clusterID(
        _ name: String,
        _ connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws -> Int32 {
        if let known = caches.withLock({ $0.clusterID(name) }) { return known }
        let found = try await ids(of: [name], Self.clusterIDs, connection, deadline)
        guard let id = found.first else { throw EventReaderError.unknownCluster(name) }
        caches.withLock { $0.remember(name, as: id) }
        return id
    }

    private func namespaceID(
        _ clusterID: Int32,
        _ name: String,
        _ connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> Int32? {
        if let known = caches.withLock({ $0.namespaceID(clusterID, name) }) { return known }
        var parameters = PostgresParameters()
        parameters.append(clusterID)
        parameters.append(name)
        let result = try await connection.query(Self.namespaceIDs, parameters, deadline: deadline)
        guard result.rowCount > 0 else { return nil }
        let id = result.int32(0, 0)
        caches.withLock { $0.remember(clusterID, name, as: id) }
        return id
    }

    func ids(
        of names: [String],
        _ statement: PostgresStatement,
        _ connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> [Int32] {
        var array = PostgresArray(of: .text)
        for name in names { array.append(name) }
        var parameters = PostgresParameters()
        parameters.append(array)
        let result = try await connection.query(statement, parameters, deadline: deadline)
        return (0..<result.rowCount).map { result.int32($0, 0) }.sorted()
    }

    func knownKinds(
        _ connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> [Int32: ObjectKind] {
        if let known = caches.withLock({ $0.kinds?.value(within: ReaderCaches.kindsAge) }) { return known }
        let result = try await connection.query(Self.allKinds, deadline: deadline)
        var kinds: [Int32: ObjectKind] = [:]
        for row in 0..<result.rowCount {
            kinds[result.int32(row, 0)] = ObjectKind(apiVersion: result.text(row, 2), kind: result.text(row, 1))
        }
        caches.withLock { [kinds] in $0.kinds = .init(value: kinds, readAt: .now) }
        return kinds
    }

    /// Which months there are, at most a second old.
    func months(
        _ connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> ArchiveMonths {
        if let known = caches.withLock({ $0.months?.value(within: ReaderCaches.monthsAge) }) { return known }
        let newest = try await connection.query(Self.newestMonth, deadline: deadline)
        let attached = try await EventPartitions.existing(on: connection, deadline: deadline).sorted()
        let months = ArchiveMonths(
            attached: attached,
            newestWithEvents: newest.isNull(0, 0) ? nil : EventMonth(microseconds: newest.timestampMicroseconds(0, 0))
        )
        caches.withLock { $0.months = .init(value: months, readAt: .now) }
        return months
    }

    private static func idsByName(_ table: String, _ id: String) -> PostgresStatement {
        PostgresStatement("SELECT \(id) FROM kee.\(table) WHERE name = ANY ($1)", parameterTypes: [.text.array])
    }

    private static let clusterIDs = idsByName("cluster", "cluster_id")
    static let reasonIDs = idsByName("reason", "reason_id")
    static let typeIDs = idsByName("event_type", "type_id")
    private static let namespaceIDs = PostgresStatement(
        "SELECT ns_id FROM kee.namespace WHERE cluster_id = $1 AND name = $2",
        parameterTypes: [.int4, .text]
    )
    /// Authors of events invent kinds; beyond this many the rest is found by its id only.
    private static let allKinds = PostgresStatement(
        "SELECT kind_id, kind, api_version FROM kee.kind ORDER BY kind_id LIMIT 20000"
    )
    private static let newestMonth = PostgresStatement(
        "SELECT max(month)::timestamp AT TIME ZONE 'UTC' FROM kee.tally"
    )
}

extension KindReference {
    func matches(_ other: ObjectKind) -> Bool {
        kind == other.kind && (group.map { $0 == other.group } ?? true)
    }
}
