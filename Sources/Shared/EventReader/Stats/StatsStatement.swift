import Postgres

/// The SQL for one shape of question about numbers: what is counted by and which conditions there are, never values.
///
/// Both sources are counted in one statement, and so as of one moment: parts of the range from the rollup, the others from
/// the events. Which parts come from where is data, not shape.
struct StatsStatement: Hashable {
    /// Whose events are counted.
    enum Place: Hashable {
        case everything
        case cluster
        /// A list of them.
        case namespaces
    }

    /// A list of ids that the events must be of, in the order in which they are bound.
    enum Filter: Hashable {
        case types, reasons, kinds, components
    }

    var key: StatsQuery.Key
    var bucket: StatsQuery.Bucket
    var place: Place
    var filters: [Filter]

    /// The ranges of the rollup and of the events, each as two arrays; how many series; the place; the filters. Gives
    /// back rows of a bucket's beginning, a key, which is null for all keys beyond the largest, and a number.
    ///
    /// Names come in late, since grouping by them costs more than grouping by ids.
    var postgres: PostgresStatement {
        PostgresStatement(
            """
            WITH parts AS MATERIALIZED (
                SELECT c.* FROM unnest($1::timestamptz[], $2::timestamptz[]) AS r (since, until)
                CROSS JOIN LATERAL (\(rollup)) c
                UNION ALL
                SELECT c.* FROM unnest($3::timestamptz[], $4::timestamptz[]) AS r (since, until)
                CROSS JOIN LATERAL (\(events)) c
            ), named AS MATERIALIZED (
                SELECT key, k.name, t.events
                FROM (SELECT key, sum(events)::int8 AS events FROM parts GROUP BY key) t JOIN (\(names)) k USING (key)
            ), largest AS MATERIALIZED (
                SELECT name, row_number() OVER (ORDER BY sum(events) DESC, name) AS place
                FROM named GROUP BY name ORDER BY place LIMIT $5
            )
            SELECT s.bucket, l.name, s.events FROM (
                SELECT bucket, place, sum(events)::int8 AS events
                FROM parts JOIN (SELECT key, place FROM named LEFT JOIN largest USING (name)) n USING (key) GROUP BY 1, 2
            ) s LEFT JOIN largest l USING (place)
            """,
            parameterTypes: types
        )
    }

    /// Not aligned to the range, but to 1970, as `StatsQuery.Bucket` says. From a moment before all events, for date_bin
    /// is wrong before its origin until PostgreSQL 14.6.
    private func bucket(of time: String) -> String {
        let width =
            switch bucket {
            case .minute: "1 minute"
            case .fiveMinutes: "5 minutes"
            case .hour: "1 hour"
            case .day: "1 day"
            }
        return "date_bin('\(width)', \(time), '1900-01-01 00:00Z'::timestamptz)"
    }

    private var rollup: String {
        let table = usesNamespaces ? "namespace_hour" : "cluster_hour"
        var conditions = [rollupPlace]
        for (filter, value) in zip(filters, filterValues) {
            switch filter {
            case .types: conditions.append("h.type_id = ANY (\(value))")
            case .reasons: conditions.append("h.reason_id = ANY (\(value))")
            case .kinds: conditions.append("h.kind_id = ANY (\(value))")
            case .components: conditions.append("h.component_id = ANY (\(value))")
            }
        }
        return """
            SELECT \(bucket(of: "h.hour")) AS bucket, h.\(keyColumn) AS key, sum(h.events) AS events
            FROM kee.\(table) h WHERE h.hour >= r.since AND h.hour < r.until AND \(conditions.joined(separator: " AND "))
            GROUP BY 1, 2
            """
    }

    private var events: String {
        var conditions = ["e.ts >= r.since", "e.ts < r.until"]
        switch place {
        case .everything: break
        case .cluster: conditions.append("e.cluster_id = \(placeValue)")
        case .namespaces: conditions.append("e.ns_id = ANY (\(placeValue))")
        }
        for (filter, value) in zip(filters, filterValues) {
            switch filter {
            case .types: conditions.append("e.type_id = ANY (\(value))")
            case .reasons: conditions.append("e.reason_id = ANY (\(value))")
            case .kinds: conditions.append("e.kind_id = ANY (\(value))")
            case .components:
                conditions.append(
                    "e.source_id IN (SELECT source_id FROM kee.source_component WHERE component_id = ANY (\(value)))"
                )
            }
        }
        let source = key == .component ? " JOIN kee.source_component s USING (source_id)" : ""
        return """
            SELECT \(bucket(of: "e.ts")) AS bucket, \(key == .component ? "s" : "e").\(keyColumn) AS key, count(*) AS events
            FROM kee.event e\(source) WHERE \(conditions.joined(separator: " AND ")) GROUP BY 1, 2
            """
    }

    /// Clusters as a whole are counted apart, since most graphs are of them: there are a tenth as many rows.
    private var usesNamespaces: Bool { place == .namespaces || key == .namespace }

    /// Always a condition on the first column of the primary key, so that only the range is read.
    private var rollupPlace: String {
        switch place {
        case .everything where usesNamespaces: "h.ns_id = ANY (ARRAY (SELECT ns_id FROM kee.namespace))"
        case .everything: "h.cluster_id = ANY (ARRAY (SELECT cluster_id FROM kee.cluster))"
        case .cluster where usesNamespaces:
            "h.ns_id = ANY (ARRAY (SELECT ns_id FROM kee.namespace WHERE cluster_id = \(placeValue)))"
        case .cluster: "h.cluster_id = \(placeValue)"
        case .namespaces: "h.ns_id = ANY (\(placeValue))"
        }
    }

    private var keyColumn: String {
        switch key {
        case .type: "type_id"
        case .reason: "reason_id"
        case .kind: "kind_id"
        case .namespace: "ns_id"
        case .cluster: usesNamespaces ? "ns_id" : "cluster_id"
        case .component: "component_id"
        }
    }

    /// The name of each key. Several keys can have one name.
    private var names: String {
        switch key {
        case .type: "SELECT type_id AS key, name FROM kee.event_type"
        case .reason: "SELECT reason_id AS key, name FROM kee.reason"
        case .kind: "SELECT kind_id AS key, kind AS name FROM kee.kind"
        case .namespace: "SELECT ns_id AS key, name FROM kee.namespace"
        case .cluster where usesNamespaces:
            "SELECT n.ns_id AS key, c.name FROM kee.namespace n JOIN kee.cluster c USING (cluster_id)"
        case .cluster: "SELECT cluster_id AS key, name FROM kee.cluster"
        case .component: "SELECT component_id AS key, name FROM kee.component"
        }
    }

    private let placeValue = "$6"

    private var filterValues: [String] {
        let first = place == .everything ? 6 : 7
        return filters.indices.map { "$\(first + $0)" }
    }

    private var types: [PostgresType] {
        let ranges = Array(repeating: PostgresType.timestamptz.array, count: 4)
        let place: [PostgresType] =
            switch place {
            case .everything: []
            case .cluster: [.int4]
            case .namespaces: [.int4.array]
            }
        return ranges + [.int8] + place + filters.map { _ in .int4.array }
    }

    init(key: StatsQuery.Key, bucket: StatsQuery.Bucket, place: Place, filters: [Filter]) {
        (self.key, self.bucket, self.place, self.filters) = (key, bucket, place, filters)
    }
}
