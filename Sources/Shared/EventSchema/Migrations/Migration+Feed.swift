extension Migration {
    /// Version 3: what was committed lately, in the order of commits.
    static let feed = Migration(
        version: 3,
        oldestProgram: 1,
        sql: """
            -- What was inserted within the last hour, for live tails. Event time is not the order of commits: a reader
            -- takes only rows of transactions that are over, `xid < pg_snapshot_xmin(pg_current_snapshot())`, in the
            -- order of (xid, seq), and so misses nothing that is committed late.
            CREATE TABLE kee.feed (
                xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
                seq int8 GENERATED ALWAYS AS IDENTITY,
                ts timestamptz NOT NULL,
                id int8 NOT NULL,
                PRIMARY KEY (xid, seq)
            );
            """
    )
}
