public import Logging
public import Postgres

/// Retires the months that are older than an archive is to be. Only `watch` does this, one collector at a time.
///
/// Detaching and dropping costs 52 ms where a DELETE of the same rows costs half a second, 56 MB of WAL and a table
/// full of holes.
public struct EventRetention: Sendable {
    /// Five years, where nobody says otherwise.
    public static let defaultMonths = 60

    /// How many months are kept behind the current one.
    public let months: Int

    /// Keeps so many months, at least one.
    public init(months: Int) {
        self.months = months
    }

    /// The first month that is kept, as seen at a moment given in microseconds since 1970.
    public func firstKept(at now: Int64) -> EventMonth { EventMonth(microseconds: now).advanced(by: -months) }

    /// Retires every month before `firstKept`, and the stretches of coverage that ended before it. Does nothing while another collector is at it.
    ///
    /// - Returns: the months that were retired.
    /// - Throws: `PostgresError`; what was begun is finished at the next call.
    public func retire(
        at now: Int64,
        on connection: PostgresConnection,
        logger: Logger,
        deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> [EventMonth] {
        let lock = try await connection.query(Self.tryLock, deadline: deadline)
        guard lock.bool(0, 0) else { return [] }
        do throws(PostgresError) {
            let retired = try await retireOldMonths(firstKept(at: now), connection, logger, deadline)
            _ = try await connection.query(Self.unlock, deadline: deadline)
            return retired
        } catch {
            // If this fails too, the session is gone, and its locks with it.
            _ = try? await connection.query(Self.unlock, deadline: deadline)
            throw error
        }
    }

    private func retireOldMonths(
        _ firstKept: EventMonth,
        _ connection: PostgresConnection,
        _ logger: Logger,
        _ deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> [EventMonth] {
        let tables = try await connection.query(Self.tables, deadline: deadline)
        var retired: [EventMonth] = []
        for row in 0..<tables.rowCount {
            guard let month = EventMonth(partition: tables.text(row, 0)), month < firstKept else { continue }
            let name = "kee.\(month.partition)"
            switch tables.text(row, 1) {
            case "attached":
                try await connection.execute(
                    "ALTER TABLE kee.event DETACH PARTITION \(name) CONCURRENTLY",
                    deadline: deadline
                )
            case "pending":
                // A detach that was cut off in its middle.
                try await connection.execute(
                    "ALTER TABLE kee.event DETACH PARTITION \(name) FINALIZE",
                    deadline: deadline
                )
            default:
                break
            }
            try await connection.execute(
                "DROP TABLE \(name); DELETE FROM kee.tally WHERE month = '\(month.firstDay)';"
                    + EventRollup.deletion(of: month),
                deadline: deadline
            )
            retired.append(month)
            logger.notice("A month has been retired", metadata: ["partition": "\(month.partition)"])
        }
        // What was watched of a time of which nothing is kept helps nobody.
        try await connection.execute(
            "DELETE FROM kee.coverage WHERE until < '\(firstKept.firstDay) 00:00Z'",
            deadline: deadline
        )
        return retired
    }

    private static let tryLock = PostgresStatement("SELECT pg_try_advisory_lock(\(AdvisoryLock.retention))")
    private static let unlock = PostgresStatement("SELECT pg_advisory_unlock(\(AdvisoryLock.retention))")

    /// Months and their state: attached, half detached, or left over from a drop that did not happen.
    private static let tables = PostgresStatement(
        """
        SELECT c.relname::text,
            CASE WHEN i.inhrelid IS NULL THEN 'detached' WHEN i.inhdetachpending THEN 'pending' ELSE 'attached' END
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
        WHERE n.nspname = 'kee' AND c.relkind = 'r' AND c.relname ~ '^event_[0-9]{6}$'
        ORDER BY 1
        """
    )
}
