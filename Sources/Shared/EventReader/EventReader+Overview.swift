public import EventSchema
import Postgres
import Synchronization

extension EventReader {
    /// The newest events of each cluster, as far as they may be seen, newest first over all of them.
    public func newestOfEachCluster(
        _ count: Int,
        visibility: Visibility = .everything,
        deadline: ContinuousClock.Instant
    ) async throws(EventReaderError) -> EventPage {
        try await reading(deadline) { connection in
            var rows: [(result: PostgresResult, row: Int)] = []
            let whole: [Int32]
            switch visibility {
            case .everything:
                let clusters = try await connection.query(Self.clusterIDsByName, deadline: deadline)
                whole = (0..<clusters.rowCount).map { clusters.int32($0, 0) }
            case .only(let clusters):
                let names = clusters.filter { $0.value == .all }.keys
                whole = names.isEmpty ? [] : try await self.clusterIDs(Array(names), connection, deadline)
                for (cluster, namespaces) in clusters where namespaces != .all {
                    // What is seen in part is a page of its own, of the namespaces that are seen.
                    let ids = try await self.namespaceIDs([cluster: namespaces], connection, deadline)
                    var selection = EventSelection(order: .newestFirst)
                    guard selection.narrow(to: VisiblePlaces(namespaces: ids)) else { continue }
                    if selection.visible != nil {
                        selection.clusterID = try await self.clusterID(cluster, connection, deadline)
                    }
                    let result = try await self.rows(selection, limit: count, connection, deadline)
                    rows += (0..<result.rowCount).map { (result, $0) }
                }
            }
            rows += try await self.newest(count, ofAll: whole, connection, deadline)
            rows.sort { Self.key(of: $0) > Self.key(of: $1) }
            return try await self.encode(rows, as: .json, connection, deadline).page(next: nil)
        }
    }

    private func newest(
        _ count: Int,
        ofAll clusters: [Int32],
        _ connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> [(result: PostgresResult, row: Int)] {
        var wanted = clusters
        guard !wanted.isEmpty else { return [] }
        var rows: [(result: PostgresResult, row: Int)] = []
        let months = try await months(connection, deadline)
        if let direct = EventSelection(order: .newestFirst).directMonths(months) {
            let result = try await newest(count, of: wanted, in: .months(direct), connection, deadline)
            let found = Dictionary(grouping: 0..<result.rowCount) {
                result.int32($0, EventColumns.cluster_id.rawValue)
            }
            // A cluster whose newest events are older has to be looked for in all months.
            for cluster in wanted where found[cluster]?.count == count {
                rows += (found[cluster] ?? []).map { (result, $0) }
            }
            wanted.removeAll { found[$0]?.count == count }
        }
        if !wanted.isEmpty {
            let result = try await newest(count, of: wanted, in: .parent, connection, deadline)
            rows += (0..<result.rowCount).map { (result, $0) }
        }
        return rows
    }

    private static func key(of row: (result: PostgresResult, row: Int)) -> (Int64, Int64) {
        (
            row.result.timestampMicroseconds(row.row, EventColumns.ts.rawValue),
            row.result.int64(row.row, EventColumns.id.rawValue)
        )
    }

    private func newest(
        _ count: Int,
        of clusters: [Int32],
        in table: SelectStatement.Table,
        _ connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> PostgresResult {
        let tables =
            switch table {
            case .parent: ["kee.event"]
            case .months(let months): months.map { "kee.\($0.partition)" }
            }
        let parts = tables.map {
            "(SELECT * FROM \($0) t WHERE t.cluster_id BETWEEN c.cluster_id AND c.cluster_id"
                + " ORDER BY t.cluster_id DESC, ts DESC, id DESC LIMIT $2)"
        }
        let statement = PostgresStatement(
            """
            SELECT \(EventColumns.allCases.map { "e.\($0)" }.joined(separator: ", "))
            FROM unnest($1::int4[]) AS c(cluster_id) CROSS JOIN LATERAL (
                SELECT * FROM (\(parts.joined(separator: " UNION ALL "))) u ORDER BY ts DESC, id DESC LIMIT $2
            ) e
            """,
            parameterTypes: [.int4.array, .int8]
        )
        var parameters = PostgresParameters()
        parameters.append(PostgresArray(clusters))
        parameters.append(Int64(count))
        return try await connection.query(statement, parameters, deadline: deadline)
    }

    /// Every kind that was ever archived, with the groups and versions it came in; at most some seconds old.
    public func kinds(deadline: ContinuousClock.Instant) async throws(EventReaderError) -> [ObjectKind] {
        if let known = caches.withLock({ $0.kinds?.value(within: ReaderCaches.kindsAge) }) {
            return Array(known.values)
        }
        return try await reading(deadline) { connection in
            Array(try await self.knownKinds(connection, deadline).values)
        }
    }

    /// Nil if the archive can answer, otherwise what is wrong with it: for readiness.
    public func healthProblem(deadline: ContinuousClock.Instant) async -> String? {
        do {
            try await EventSchema.check(pool, deadline: deadline)
            return nil
        } catch let error as SchemaError {
            return "\(error)"
        } catch {
            return "the database does not answer"
        }
    }

    private static let clusterIDsByName = PostgresStatement("SELECT cluster_id FROM kee.cluster ORDER BY name")
}
