public import Postgres

extension PostgresError {
    /// What `database_errors_total` counts it as: the SQLSTATE's class, or that the connection failed. A small set.
    public var metricClass: String { sqlState.map { String($0.prefix(2)) } ?? "connection" }
}
