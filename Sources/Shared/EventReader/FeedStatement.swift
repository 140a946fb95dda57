import Postgres

/// The questions to the feed. All see only transactions below the snapshot's xmin: each of these is over, and no row will
/// come before what was read.
enum FeedStatement {
    private static let isOver = "xid < pg_snapshot_xmin(pg_current_snapshot())"

    /// The newest place that can be read.
    static let newest = PostgresStatement(
        """
        SELECT xid, seq, cardinality(id), id[cardinality(id)] FROM kee.feed
        WHERE \(isOver) ORDER BY xid DESC, seq DESC LIMIT 1
        """
    )

    /// Rows of the feed that a page looks at; they hold one event each where little happens.
    static let mostRows = 500

    /// The events from the row of a position on. The row itself is read again: that it is still there, with the same
    /// event in the same place, is what shows that nothing behind it is missing.
    static let page = PostgresStatement(
        """
        SELECT r.xid, r.seq, u.place::int4, u.ts, u.id, r.number::int4 FROM (
            SELECT xid, seq, ts, id, row_number() OVER w AS number,
                sum(cardinality(id)) OVER w - cardinality(id) AS before
            FROM (
                SELECT xid, seq, ts, id FROM kee.feed WHERE (xid, seq) >= ($1, $2) AND \(isOver)
                ORDER BY xid, seq LIMIT \(mostRows)
            ) behind
            WINDOW w AS (ORDER BY xid, seq)
        ) r CROSS JOIN LATERAL unnest(r.ts, r.id) WITH ORDINALITY AS u(ts, id, place)
        WHERE r.before < $3 ORDER BY r.xid, r.seq, u.place
        """,
        parameterTypes: [.xid8, .int8, .int8]
    )

    /// How long the oldest row that is committed and may not be read yet has been waiting, in microseconds.
    static let waiting = PostgresStatement(
        """
        SELECT greatest(extract(epoch FROM clock_timestamp() - written_at) * 1000000, 0)::int8 FROM kee.feed
        WHERE xid >= pg_snapshot_xmin(pg_current_snapshot()) ORDER BY xid, seq LIMIT 1
        """
    )

    /// Whether a position is in the feed: 0 if so, 1 if there are only later ones, 2 if there is none as late.
    static let standing = PostgresStatement(
        """
        SELECT CASE WHEN f.id[$3] = $4 THEN 0 WHEN f.id IS NOT NULL THEN 1
            WHEN EXISTS (SELECT FROM kee.feed n WHERE (n.xid, n.seq) > ($1, $2) AND n.\(isOver)) THEN 1
            ELSE 2 END
        FROM (SELECT 1) one LEFT JOIN kee.feed f ON f.xid = $1 AND f.seq = $2 AND f.\(isOver)
        """,
        parameterTypes: [.xid8, .int8, .int4, .int8]
    )

    /// By primary key. The limit keeps this a look for each, whatever the planner knows of the tables.
    static let events = PostgresStatement(
        """
        SELECT \(EventColumns.allCases.map { "e.\($0)" }.joined(separator: ", "))
        FROM unnest($1::timestamptz[], $2::int8[]) AS u(ts, id)
        CROSS JOIN LATERAL (SELECT * FROM kee.event e WHERE e.ts = u.ts AND e.id = u.id LIMIT 1) e
        """,
        parameterTypes: [.timestamptz.array, .int8.array]
    )
}
