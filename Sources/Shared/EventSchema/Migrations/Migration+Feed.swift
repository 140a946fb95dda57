extension Migration {
    /// Version 3: what was committed lately, in the order of commits.
    static let feed = Migration(
        version: 3,
        oldestProgram: 1,
        sql: """
            -- What was inserted within the last hour, for live tails: up to 100 events a row, 18 to 34 bytes of WAL each,
            -- where a row for each event costs 168. Event time is not the order of commits: a reader takes only rows of
            -- transactions that are over, `xid < pg_snapshot_xmin(pg_current_snapshot())`, in the order of (xid, seq),
            -- and so misses nothing that is committed late.
            CREATE TABLE kee.feed (
                xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
                seq int8 GENERATED ALWAYS AS IDENTITY,
                written_at timestamptz NOT NULL DEFAULT clock_timestamp(),
                ts timestamptz[] NOT NULL,
                id int8[] NOT NULL,
                PRIMARY KEY (xid, seq)
            ) WITH (
                -- A queue: as many rows go as come, and their places are wanted back soon.
                autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
                autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 20000
            );
            -- No event: the place from which the first tail starts, with a number that no other archive has.
            INSERT INTO kee.feed (ts, id) VALUES (
                ARRAY[now()], ARRAY[('x' || left(replace(gen_random_uuid()::text, '-', ''), 16))::bit(64)::int8]
            );
            """
    )
}
