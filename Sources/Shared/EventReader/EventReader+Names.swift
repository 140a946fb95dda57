import EventModel
import EventSchema
import Postgres
import Synchronization

extension EventReader {
    /// Replaces names by ids. Nil if nothing can match: a name occurs nowhere in the archive, or nothing may be seen.
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
        selection.text = query.text.map(Self.smallLetters)
        selection.isLatest = query.view == .latest
        guard try await place(&selection, query, connection, deadline) else { return nil }
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
        if !query.components.isEmpty {
            let sources = try await ids(of: query.components, Self.sourceIDs, connection, deadline)
            selection.sources = sources.count > Self.mostSources ? nil : sources
            selection.components = query.components
        }
        let lists = [selection.reasons, selection.types, selection.kinds, selection.sources]
        return lists.contains { $0?.isEmpty == true } ? nil : selection
    }

    /// Sources by which rows are told apart in one look each. A component has one for each host: beyond so many it is no
    /// rare one, and looking up the source of each row that is read costs less than collecting the ids.
    static let mostSources = 10_000

    /// As PostgreSQL's `lower` with the collation C: A to Z, and nothing else, whatever the locale of the database.
    static func smallLetters(_ text: String) -> String {
        String(decoding: text.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
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

    func clusterIDs(
        _ names: [String],
        _ connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> [Int32] {
        try await ids(of: names, Self.clusterIDs, connection, deadline)
    }

    func namespaceID(
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
        var parameters = PostgresParameters()
        parameters.append(PostgresArray(names))
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
    /// Along the unique key, which begins with the component.
    private static let sourceIDs = PostgresStatement(
        """
        SELECT source_id FROM kee.source WHERE component = ANY ($1) AND component <> ''
        UNION ALL SELECT source_id FROM kee.source WHERE component = '' AND reporting_component = ANY ($1)
        LIMIT \(mostSources + 1)
        """,
        parameterTypes: [.text.array]
    )
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
