import EventSchema
import Postgres

/// The SQL for one shape of question: which conditions there are, never their values.
///
/// One text for each shape, since `($1 IS NULL OR ns_id = $1)` under a generic plan costs 1954 ms against 0.45. The
/// newest months are asked directly, since even a generic plan over 60 partitions costs 0.55 ms and 305 locks.
struct SelectStatement: Hashable {
    /// A condition and the type of its parameters, in the order in which parameters are bound.
    enum Condition: Hashable {
        case cluster, namespace
        /// Any of some clusters, or of some namespaces.
        case clusters, namespaces
        case object, name, kinds, reasons, types
        /// Any of some sources, by id.
        case sources
        /// Any of some components, by name: each row's source is looked up.
        case components
        case text, since, until
        /// That no later observation of the same Event lies before `until`.
        case latest
        /// That it had been archived at some moment; so with the later observations.
        case snapshot
        case cursor
    }

    /// Where the rows are looked for.
    enum Table: Hashable {
        /// All months.
        case parent
        /// These months only.
        case months([EventMonth])
    }

    /// How some clusters or namespaces together are read.
    enum Places: Hashable {
        /// Each by itself, by its own index: a quiet namespace costs nothing of what its neighbours wrote.
        case oneByOne
        /// What is read is looked through for them.
        case filtered
    }

    var conditions: [Condition]
    var order: EventQuery.Order
    var table: Table
    var places = Places.oneByOne
    /// Whether the rows end once they are larger than `EventPage.byteBudget`, so that a page of a thousand events of 200 kB
    /// is never held as a whole. Adds a column, whether they are.
    var isBounded = false

    var postgres: PostgresStatement {
        let rows = ordered
        guard isBounded else { return PostgresStatement(rows, parameterTypes: types) }
        // The rows come in the order in which the subquery gives them: its sum needs no sort of its own.
        return PostgresStatement(
            """
            SELECT \(EventColumns.list), coalesce(before, 0) + size >= \(EventPage.byteBudget) FROM (
                SELECT *, sum(size) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
                FROM (SELECT *, \(Self.size) AS size FROM (\(rows)) r) s
            ) b WHERE coalesce(before, 0) < \(EventPage.byteBudget)
            """,
            parameterTypes: types
        )
    }

    /// About the bytes of an event in JSON. What is compressed is measured by its text, which costs more and is rare.
    private static let size = """
        600 + octet_length(message) + coalesce(octet_length(raw), 0)
            + CASE WHEN extra IS NULL THEN 0 WHEN pg_column_size(extra) < 400 THEN 400 ELSE octet_length(extra::text) END
        """

    private var ordered: String {
        let tables =
            switch table {
            case .parent: ["kee.event"]
            case .months(let months): months.map { "kee.\($0.partition)" }
            }
        let parts = tables.flatMap { select(from: $0) }
        if parts.count == 1, !isOneByOne { return parts[0] }
        return parts.map { "(\($0))" }.joined(separator: " UNION ALL ") + " ORDER BY \(ordering) LIMIT \(limit)"
    }

    private var limit: String { "$\(types.count)" }

    private func select(from table: String) -> [String] {
        func rows(_ column: String?, _ bounds: String) -> String {
            let range = column.map { ["\($0) BETWEEN \(bounds) AND \(bounds)"] } ?? []
            let all = range + sqlConditions
            let filter = all.isEmpty ? "" : " WHERE " + all.joined(separator: " AND ")
            let first = column.map { order == .newestFirst ? "\($0) DESC, " : "\($0), " } ?? ""
            return "SELECT \(EventColumns.list) FROM \(table) e\(filter) ORDER BY \(first)\(ordering) LIMIT \(limit)"
        }
        func eachOf(_ condition: Condition, _ column: String) -> String? {
            guard let array = place(of: condition) else { return nil }
            return "SELECT l.* FROM unnest(\(array)) AS u(place) CROSS JOIN LATERAL (\(rows(column, "u.place"))) l"
        }
        if isOneByOne {
            return [eachOf(.clusters, "cluster_id"), eachOf(.namespaces, "ns_id")].compactMap(\.self)
        }
        guard let (column, condition) = rangeColumn, let value = place(of: condition) else { return [rows(nil, "")] }
        return [rows(column, value)]
    }

    private var isOneByOne: Bool {
        places == .oneByOne && (conditions.contains(.clusters) || conditions.contains(.namespaces))
    }

    private var ordering: String { order == .newestFirst ? "ts DESC, id DESC" : "ts, id" }

    /// The column of the index that holds the answer, if it is one of the two with few values.
    ///
    /// Where few clusters or namespaces share an archive, the planner would rather walk the primary key and filter, and a
    /// cluster that has been quiet for a month would cost all that the others wrote since. As a range of one value, with the
    /// column in the order, only the index on the column fits.
    private var rangeColumn: (column: String, condition: Condition)? {
        if conditions.contains(.object) { return nil }
        if conditions.contains(.namespace) { return ("ns_id", .namespace) }
        return conditions.contains(.cluster) ? ("cluster_id", .cluster) : nil
    }
}

/// The columns that every select returns, in this order.
enum EventColumns: Int, CaseIterable {
    case ts, id, rv, suffix, obj_rv, uid, obj_uid, cluster_id, ns_id, kind_id, reason_id, type_id, source_id
    case field_path_id, first_d, created_d, count, shape, name, message, extra, raw

    static let list = allCases.map { "\($0)" }.joined(separator: ", ")

    /// Of a statement that is bounded: whether the row makes the page as large as it may be.
    static let isFull = allCases.count
}
