import EventReader
import Postgres

/// What a page is asked of: names for us, ids for the reference.
struct PageTarget {
    let cluster: String
    let namespace: String?
    let object: String?
    /// The values of the columns that a reader's SQL may compare with.
    let ids: [String: String]

    var query: EventQuery {
        guard let namespace else { return EventQuery(.cluster(cluster)) }
        var query = EventQuery(.namespace(cluster: cluster, namespace: namespace))
        query.name = object
        return query
    }

    /// The busiest of each kind, with full pages; and objects whose few events all months are asked for.
    enum Shape: String, CaseIterable {
        case cluster, namespace, object
        case quietObject = "object with few events"

        fileprivate var columns: String {
            switch self {
            case .cluster: "c.name, c.cluster_id, NULL, NULL, NULL, NULL"
            case .namespace: "c.name, c.cluster_id, n.name, n.ns_id, NULL, NULL"
            case .object, .quietObject: "c.name, c.cluster_id, n.name, n.ns_id, e.name, e.res"
            }
        }

        /// Fewer where the reference plans over all months, for it does so for each target and client.
        fileprivate var count: Int { self == .quietObject ? 4 : 8 }
        fileprivate var having: String { self == .quietObject ? "BETWEEN 10 AND 40" : "> 60" }
    }

    static func all(_ shape: Shape, _ pool: PostgresPool) async throws -> [PageTarget] {
        let sql = """
            SELECT * FROM (
                SELECT \(shape.columns) FROM kee.event e
                JOIN kee.cluster c USING (cluster_id) JOIN kee.namespace n USING (ns_id)
                GROUP BY 1, 2, 3, 4, 5, 6 HAVING count(*) \(shape.having) ORDER BY count(*) DESC LIMIT \(shape.count)
            ) AS t (cluster, cluster_id, namespace, ns_id, name, res)
            """
        let result = try await pool.query(PostgresStatement(sql), deadline: Database.deadline)
        guard result.rowCount > 0 else { throw BenchError("no \(shape.rawValue) has \(shape.having) events") }
        return (0..<result.rowCount).map { row in
            func text(_ column: Int) -> String? { result.isNull(row, column) ? nil : result.text(row, column) }
            func id(_ column: Int) -> String? { result.isNull(row, column) ? nil : "\(result.int64(row, column))" }
            var ids: [String: String] = [:]
            ids["cluster_id"] = id(1)
            ids["ns_id"] = id(3)
            ids["name"] = text(4)
            ids["res"] = id(5)
            return PageTarget(cluster: text(0) ?? "", namespace: text(2), object: text(4), ids: ids)
        }
    }
}
