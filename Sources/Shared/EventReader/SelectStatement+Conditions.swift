import Postgres

extension SelectStatement {
    /// A parameter of a condition, the first unless said otherwise, as SQL; nil if it is not among the conditions.
    func place(of condition: Condition, _ offset: Int = 0) -> String? {
        guard let index = conditions.firstIndex(of: condition) else { return nil }
        return "$\(conditions[..<index].reduce(1 + offset) { $0 + $1.types.count })"
    }

    /// Of all parameters, the limit being the last.
    var types: [PostgresType] { conditions.flatMap(\.types) + [.int8] }

    /// All but the clusters and namespaces that are ranges of an index.
    var sqlConditions: [String] {
        var sql: [String] = []
        if places == .filtered, let places = anyPlace { sql.append(places) }
        for condition in conditions {
            let value = place(of: condition) ?? ""
            switch condition {
            case .cluster, .clusters, .namespaces, .snapshot, .latest: break
            case .namespace: if conditions.contains(.object) { sql.append("ns_id = \(value)") }
            case .object: sql.append("res = \(value)")
            case .name: sql.append("name = \(value)")
            case .kinds: sql.append("kind_id = ANY (\(value))")
            case .reasons: sql.append("reason_id = ANY (\(value))")
            case .types: sql.append("type_id = ANY (\(value))")
            case .sources: sql.append(Self.isAny("source_id", of: value))
            case .components:
                sql.append(
                    "(SELECT coalesce(nullif(s.component, ''), s.reporting_component) = ANY (\(value))"
                        + " FROM kee.source s WHERE s.source_id = e.source_id)"
                )
            case .text: sql.append("strpos(lower(message COLLATE \"C\"), \(value)) > 0")
            case .since: sql.append("ts >= \(value)")
            case .until: sql.append("ts < \(value)")
            case .cursor:
                // The row comparison alone does not prune partitions.
                let (ts, id) = (value, place(of: condition, 1) ?? "")
                switch order {
                case .newestFirst: sql.append("ts <= \(ts) AND (ts, id) < (\(ts), \(id))")
                case .oldestFirst: sql.append("ts >= \(ts) AND (ts, id) > (\(ts), \(id))")
                }
            }
        }
        if let archived = isArchived("e") { sql.append(archived) }
        if conditions.contains(.latest) { sql.append(isLatest) }
        return sql
    }

    /// A generic plan compares with each element of `= ANY ($1)` in turn, since only the arrays of constants are hashed. As
    /// a subquery they are; `IS TRUE` keeps the planner from making a join of it, whose order would be another.
    private static func isAny(_ column: String, of array: String) -> String {
        "(\(column) IN (SELECT unnest(\(array)))) IS TRUE"
    }

    private var anyPlace: String? {
        let parts = [
            place(of: .clusters).map { Self.isAny("cluster_id", of: $0) },
            place(of: .namespaces).map { Self.isAny("ns_id", of: $0) },
        ].compactMap(\.self)
        return parts.isEmpty ? nil : "(\(parts.joined(separator: " OR ")))"
    }

    /// An Event is known by its uid; one without stands for itself. There is no index on uid: its other observations are
    /// found among those of the same object. A scalar subquery, since the generic plan of an anti-join would hash the table
    /// for want of a limit that it knows.
    private var isLatest: String {
        var later = ["n.res = e.res", "n.ts >= e.ts", "(n.ts, n.id) > (e.ts, e.id)"]
        if let until = place(of: .until) { later.append("n.ts < \(until)") }
        later.append(
            "(n.uid = e.uid OR (n.uid IS NULL AND e.uid IS NULL"
                + " AND n.extra #>> '{m,uid}' = nullif(e.extra #>> '{m,uid}', '')))"
        )
        if let archived = isArchived("n") { later.append(archived) }
        return "(SELECT true FROM kee.event n WHERE \(later.joined(separator: " AND ")) LIMIT 1) IS NULL"
    }

    /// Rows are never updated, so `xmin` is the transaction that archived them: what began since the snapshot, or was under
    /// way then, is left out. It has 32 bits: of a row older than 2^31 transactions the age is negative, and it is no new one.
    private func isArchived(_ table: String) -> String? {
        guard let next = place(of: .snapshot), let inProgress = place(of: .snapshot, 1) else { return nil }
        return "NOT (age(\(table).xmin) BETWEEN 0 AND (SELECT age(\(next)))) AND \(table).xmin <> ALL (\(inProgress))"
    }
}

extension SelectStatement.Condition {
    fileprivate var types: [PostgresType] {
        switch self {
        case .cluster, .namespace: [.int4]
        case .clusters, .namespaces, .kinds, .reasons, .types, .sources: [.int4.array]
        case .object: [.int8]
        case .name, .text: [.text]
        case .components: [.text.array]
        case .since, .until: [.timestamptz]
        case .latest: []
        case .snapshot: [.xid, .xid.array]
        case .cursor: [.timestamptz, .int8]
        }
    }
}

extension PostgresType {
    /// As `xmin` is: the lower 32 bits of a transaction's id.
    static let xid = PostgresType(oid: 28, arrayOID: 1011)
}
