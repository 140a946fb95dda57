import Metrics
public import Postgres

extension PostgresError {
    /// Counts it in `database_errors_total`, by the SQLSTATE's class, or as a failure of the connection: a small set.
    public func count() { Self.counter(sqlState.map { String($0.prefix(2)) } ?? Self.connection).increment() }

    /// Has `database_errors_total` there from the start, at zero.
    public static func startCounting() { counter(connection).increment(by: 0) }

    private static let connection = "connection"

    private static func counter(_ class: String) -> Counter {
        Counter(label: "database_errors_total", dimensions: [("class", `class`)])
    }
}
