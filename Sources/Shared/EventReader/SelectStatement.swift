import EventSchema
import Postgres

/// The SQL for one shape of question: which conditions there are, never their values.
///
/// One text for each shape, since `($1 IS NULL OR ns_id = $1)` under a generic plan costs 1954 ms against 0.45. The
/// newest months are asked directly, since even a generic plan over 60 partitions costs 0.55 ms and 305 locks.
struct SelectStatement: Hashable {
    /// A condition and the type of its parameter, in the order in which parameters are bound.
    enum Condition: Hashable {
        case cluster, namespace, object, name, kinds, reasons, types, since, until, cursor
    }

    /// Where the rows are looked for.
    enum Table: Hashable {
        /// All months.
        case parent
        /// These months only.
        case months([EventMonth])
    }

    var conditions: [Condition]
    var order: EventQuery.Order
    var table: Table

    var postgres: PostgresStatement {
        let limit = "$\(types.count)"
        switch table {
        case .parent:
            return PostgresStatement(select(from: "kee.event", limit), parameterTypes: types)
        case .months(let months) where months.count == 1:
            return PostgresStatement(select(from: "kee.\(months[0].partition)", limit), parameterTypes: types)
        case .months(let months):
            let parts = months.map { "(" + select(from: "kee.\($0.partition)", limit) + ")" }
            let sql = parts.joined(separator: " UNION ALL ") + " ORDER BY \(ordering) LIMIT \(limit)"
            return PostgresStatement(sql, parameterTypes: types)
        }
    }

    private func select(from table: String, _ limit: String) -> String {
        let filter = conditions.isEmpty ? "" : " WHERE " + sqlConditions.joined(separator: " AND ")
        return "SELECT \(EventColumns.list) FROM \(table)\(filter) ORDER BY \(tableOrdering) LIMIT \(limit)"
    }

    private var ordering: String { order == .newestFirst ? "ts DESC, id DESC" : "ts, id" }

    /// The order within one table. Where few clusters or namespaces share an archive, the planner would rather walk the
    /// primary key and filter, and a cluster that has been quiet for a month would cost all that the others wrote since.
    /// As a range of one value, with the column in the order, only the index on the column fits.
    private var tableOrdering: String {
        guard let column = rangeColumn else { return ordering }
        return order == .newestFirst ? "\(column) DESC, \(ordering)" : "\(column), \(ordering)"
    }

    /// The column of the index that holds the answer, if it is one of the two with few values.
    private var rangeColumn: String? {
        if conditions.contains(.object) { return nil }
        return conditions.contains(.namespace) ? "ns_id" : conditions.contains(.cluster) ? "cluster_id" : nil
    }

    private var sqlConditions: [String] {
        var sql: [String] = []
        var parameter = 1
        for condition in conditions {
            let value = "$\(parameter)"
            switch condition {
            case .cluster: sql.append("cluster_id BETWEEN \(value) AND \(value)")
            case .namespace where rangeColumn == nil: sql.append("ns_id = \(value)")
            case .namespace: sql.append("ns_id BETWEEN \(value) AND \(value)")
            case .object: sql.append("res = \(value)")
            case .name: sql.append("name = \(value)")
            case .kinds: sql.append("kind_id = ANY (\(value))")
            case .reasons: sql.append("reason_id = ANY (\(value))")
            case .types: sql.append("type_id = ANY (\(value))")
            case .since: sql.append("ts >= \(value)")
            case .until: sql.append("ts < \(value)")
            case .cursor:
                // The row comparison alone does not prune partitions.
                let (ts, id) = (value, "$\(parameter + 1)")
                switch order {
                case .newestFirst: sql.append("ts <= \(ts) AND (ts, id) < (\(ts), \(id))")
                case .oldestFirst: sql.append("ts >= \(ts) AND (ts, id) > (\(ts), \(id))")
                }
                parameter += 1
            }
            parameter += 1
        }
        return sql
    }

    /// Of all parameters, the limit being the last.
    private var types: [PostgresType] {
        conditions.flatMap { condition -> [PostgresType] in
            switch condition {
            case .cluster, .namespace: [.int4]
            case .object: [.int8]
            case .name: [.text]
            case .kinds, .reasons, .types: [.int4.array]
            case .since, .until: [.timestamptz]
            case .cursor: [.timestamptz, .int8]
            }
        } + [.int8]
    }
}

/// The columns that every select returns, in this order.
enum EventColumns: Int, CaseIterable {
    case ts, id, rv, suffix, obj_rv, uid, obj_uid, cluster_id, ns_id, kind_id, reason_id, type_id, source_id
    case field_path_id, first_d, created_d, count, shape, name, message, extra, raw

    static let list = allCases.map { "\($0)" }.joined(separator: ", ")
}
