import Postgres

/// What came in as an event and cannot be archived as one: kept aside, for somebody to look at.
public struct RefusedEvent: Sendable {
    /// How many are kept for each cluster; the oldest go first.
    public static let limit = 10_000
    /// How much of a body is kept, in bytes.
    public static let bodyLimit = 1 << 20

    /// As it came.
    public let body: ArraySlice<UInt8>
    /// Why, in one line.
    public let reason: String

    /// What came, and why it is refused.
    public init(body: ArraySlice<UInt8>, reason: String) {
        (self.body, self.reason) = (body, reason)
    }
}

/// Keeps aside what was refused, in the transaction of the batch that it came with.
enum RefusedStatement {
    static let statement = PostgresStatement(
        """
        WITH kept AS (
            INSERT INTO kee.rejected_event (cluster, reason, body) SELECT $1, * FROM unnest($2::text[], $3::bytea[])
        )
        DELETE FROM kee.rejected_event WHERE cluster = $1 AND rejected_id <= (
            SELECT rejected_id FROM kee.rejected_event WHERE cluster = $1
            ORDER BY rejected_id DESC OFFSET \(RefusedEvent.limit - 1) LIMIT 1)
        """,
        parameterTypes: [.text, .text.array, .bytea.array]
    )

    static func parameters(_ refused: [RefusedEvent], cluster: String) -> PostgresParameters {
        var reasons = PostgresArray(of: .text)
        var bodies = PostgresArray(of: .bytea)
        for event in refused {
            reasons.append(String(event.reason.unicodeScalars.filter { $0 != "\0" }))
            bodies.append(bytea: event.body.prefix(RefusedEvent.bodyLimit))
        }
        var parameters = PostgresParameters()
        parameters.append(cluster)
        parameters.append(reasons)
        parameters.append(bodies)
        return parameters
    }
}
