public import Postgres

/// The upkeep of `kee.feed`, which holds what was committed within the last hour for live tails.
public enum EventFeed {
    /// Events in one row of the feed: 1.7 kB, below the 2 kB from which PostgreSQL would compress it or put it elsewhere.
    public static let eventsPerRow = 100

    /// Removes what is older than an hour; does nothing while another collector is at it.
    ///
    /// Only what live tails can read by now goes, from the front, and the newest of it stays, so that a tail always finds
    /// the place where it stands. Rows that another server wrote, which a restored dump brings along, go too: their
    /// transactions have not happened here.
    ///
    /// - Returns: how many rows went; at most `batch`, and then there may be more.
    /// - Throws: `PostgresError`.
    public static func prune(
        on connection: PostgresConnection,
        deadline: ContinuousClock.Instant
    ) async throws -> Int {
        try await connection.transaction(deadline: deadline) { connection in
            let lock = try await connection.query(tryLock, deadline: deadline)
            guard lock.bool(0, 0) else { return 0 }
            _ = try await connection.query(foreign, deadline: deadline)
            return try await connection.query(old, deadline: deadline).affectedRows
        }
    }

    /// Rows that one call removes at the most.
    public static let batch = 10_000

    private static let tryLock = PostgresStatement("SELECT pg_try_advisory_xact_lock(\(AdvisoryLock.feed))")

    private static let old = PostgresStatement(
        """
        DELETE FROM kee.feed f USING (
            SELECT xid, seq, bool_and(written_at < now() - interval '1 hour') OVER w AS is_old,
                lead(seq) OVER w IS NOT NULL AS has_next
            FROM (
                SELECT xid, seq, written_at FROM kee.feed WHERE xid < pg_snapshot_xmin(pg_current_snapshot())
                ORDER BY xid, seq LIMIT \(batch)
            ) oldest
            WINDOW w AS (ORDER BY xid, seq)
        ) o
        WHERE f.xid = o.xid AND f.seq = o.seq AND o.is_old AND o.has_next
        """
    )

    private static let foreign = PostgresStatement(
        "DELETE FROM kee.feed WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())"
    )
}
