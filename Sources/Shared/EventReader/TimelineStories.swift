import EventModel
import EventSchema
import Postgres

/// What narrows the events of a story, with ids in place of names.
struct TimelineFilters {
    /// The range, the cursor and the order; of its other parts only types and reasons are used.
    var selection: EventSelection

    /// Nil if a type or reason occurs nowhere in the archive, so that nothing can match.
    init?(
        _ query: TimelineQuery,
        after cursor: EventCursor?,
        on connection: PostgresConnection,
        deadline: ContinuousClock.Instant
    ) async throws(PostgresError) {
        selection = EventSelection(order: query.order)
        selection.since = query.since
        selection.until = query.until
        selection.cursor = cursor
        if !query.types.isEmpty {
            selection.types = try await Self.ids(query.types, Self.typeIDs, connection, deadline)
        }
        if !query.reasons.isEmpty {
            selection.reasons = try await Self.ids(query.reasons, Self.reasonIDs, connection, deadline)
        }
        if selection.types?.isEmpty == true || selection.reasons?.isEmpty == true { return nil }
    }

    private static func ids(
        _ names: [String],
        _ statement: PostgresStatement,
        _ connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> [Int32] {
        var parameters = PostgresParameters()
        parameters.append(PostgresArray(names))
        let result = try await connection.query(statement, parameters, deadline: deadline)
        return (0..<result.rowCount).map { result.int32($0, 0) }
    }

    private static let typeIDs = PostgresStatement(
        "SELECT type_id FROM kee.event_type WHERE name = ANY ($1)",
        parameterTypes: [.text.array]
    )
    private static let reasonIDs = PostgresStatement(
        "SELECT reason_id FROM kee.reason WHERE name = ANY ($1)",
        parameterTypes: [.text.array]
    )
}

/// The events of the objects of a story, as one question.
///
/// Those of the object that was asked for are found by its name and kind, whichever uid they carry, and if they carry
/// none. Those of what it owned are found by name too, since there is no index on uids, and count only with a uid of
/// one of these objects.
struct TimelineStories {
    private let root: Int64
    private let name: String
    private let kinds: [Int32]
    /// Hashes and names of what was owned, each once.
    private var owned: [(hash: Int64, name: String)] = []
    private var uids: [UUIDBits] = []

    init(_ query: TimelineQuery, kinds: [Int32], objects: [TimelineObject]) {
        root = EventIdentity.object(cluster: query.cluster, namespace: query.namespace, name: query.name)
        name = query.name
        self.kinds = kinds
        var seen: Set<Int64> = []
        for object in objects where !object.isRoot {
            uids.append(object.uid)
            let namespaces =
                object.namespace.isEmpty
                ? TimelineQuery.clusterNamespaces.filter {
                    query.visibility.includes(cluster: query.cluster, namespace: $0)
                } : [object.namespace]
            for namespace in namespaces {
                let hash = EventIdentity.object(cluster: query.cluster, namespace: namespace, name: object.name)
                if seen.insert(hash).inserted { owned.append((hash, object.name)) }
            }
        }
    }

    /// The parameters of one statement, numbered as they come.
    private struct Numbering {
        var types: [PostgresType] = []

        mutating func next(_ type: PostgresType) -> String {
            types.append(type)
            return "$\(types.count)"
        }
    }

    /// One SQL text for each shape of question, and for each choice of tables.
    func statement(_ filters: TimelineFilters, in tables: [String]) -> PostgresStatement {
        let selection = filters.selection
        var numbers = Numbering()
        let (root, name) = (numbers.next(.int8), numbers.next(.text))
        let kinds = numbers.next(.int4.array)
        var conditions: [String] = []
        if selection.types != nil { conditions.append("t.type_id = ANY (\(numbers.next(.int4.array)))") }
        if selection.reasons != nil { conditions.append("t.reason_id = ANY (\(numbers.next(.int4.array)))") }
        if selection.since != nil { conditions.append("t.ts >= \(numbers.next(.timestamptz))") }
        if selection.until != nil { conditions.append("t.ts < \(numbers.next(.timestamptz))") }
        if selection.cursor != nil {
            let (ts, id) = (numbers.next(.timestamptz), numbers.next(.int8))
            // The row comparison alone does not prune partitions.
            switch selection.order {
            case .newestFirst: conditions.append("t.ts <= \(ts) AND (t.ts, t.id) < (\(ts), \(id))")
            case .oldestFirst: conditions.append("t.ts >= \(ts) AND (t.ts, t.id) > (\(ts), \(id))")
            }
        }
        let filter = conditions.map { " AND " + $0 }.joined()
        let order = selection.order == .newestFirst ? "ts DESC, id DESC" : "ts, id"
        let isTree = !owned.isEmpty
        let (hashes, names, uids) =
            isTree ? (numbers.next(.int8.array), numbers.next(.text.array), numbers.next(.uuid.array)) : ("", "", "")
        let limit = numbers.next(.int8)
        let ordered = "ORDER BY \(order) LIMIT \(limit)"
        let columns = EventColumns.list
        var parts = tables.map { table in
            """
            (SELECT \(columns) FROM \(table) t
            WHERE t.res = \(root) AND t.name = \(name) AND t.kind_id = ANY (\(kinds))\(filter) \(ordered))
            """
        }
        if isTree {
            parts += tables.map { table in
                // What the first part has is not in this one, however odd the names.
                """
                (SELECT \(columns) FROM unnest(\(hashes)::int8[], \(names)::text[]) AS o(hash, object)
                CROSS JOIN LATERAL (
                    SELECT \(columns) FROM \(table) t
                    WHERE t.res = o.hash AND t.name = o.object AND t.obj_uid = ANY (\(uids))
                        AND (t.res <> \(root) OR t.kind_id <> ALL (\(kinds)))\(filter) \(ordered)
                ) e \(ordered))
                """
            }
        }
        let sql = parts.count == 1 ? parts[0] : parts.joined(separator: " UNION ALL ") + " \(ordered)"
        return PostgresStatement(SelectStatement.bounded(sql), parameterTypes: numbers.types)
    }

    /// In the order of the statement.
    func parameters(_ filters: TimelineFilters, limit: Int) -> PostgresParameters {
        let selection = filters.selection
        var parameters = PostgresParameters()
        parameters.append(root)
        parameters.append(name)
        for ids in [kinds, selection.types, selection.reasons] {
            if let ids { parameters.append(PostgresArray(ids)) }
        }
        if let since = selection.since { parameters.append(timestampMicroseconds: since) }
        if let until = selection.until { parameters.append(timestampMicroseconds: until) }
        if let cursor = selection.cursor {
            parameters.append(timestampMicroseconds: cursor.time)
            parameters.append(cursor.id)
        }
        if !owned.isEmpty {
            var (hashes, bits) = (PostgresArray(of: .int8), PostgresArray(of: .uuid))
            for object in owned { hashes.append(object.hash) }
            for uid in uids { bits.append(uuid: (uid.high, uid.low)) }
            for array in [hashes, PostgresArray(owned.map(\.name)), bits] { parameters.append(array) }
        }
        parameters.append(Int64(limit))
        return parameters
    }
}
