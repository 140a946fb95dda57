extension Migration {
    /// Version 5: which object owns which, as the API server told when their events were written.
    static let owners = Migration(
        version: 5,
        oldestProgram: 1,
        sql: """
            -- One row for each object that an event was about, or that owns one. `chain` is ObjectChain: how well its
            -- owner is known. The key has the name before the uid, so that it finds what was ever called so; and it has
            -- both, so that an event with a made-up uid stands beside the true object and not in its place.
            CREATE TABLE kee.object (
                cluster_id int4 NOT NULL REFERENCES kee.cluster,
                kind_id int4 NOT NULL,
                owner_kind_id int4,
                chain int2 NOT NULL,
                uid uuid NOT NULL,
                owner_uid uuid,
                -- When the row, and if it has an owner, when the owner came into the archive.
                recorded_at timestamptz NOT NULL DEFAULT now(),
                -- When it last was in an event, to the day.
                seen_at timestamptz NOT NULL DEFAULT now(),
                -- Its own; '' for what belongs to the cluster as a whole.
                namespace text COLLATE "C" NOT NULL,
                name text COLLATE "C" NOT NULL,
                owner_name text COLLATE "C",
                PRIMARY KEY (cluster_id, namespace, name, kind_id, uid)
            ) WITH (fillfactor = 80);
            -- The newest of an owner's objects: a CronJob has half a million Jobs a year.
            CREATE INDEX object_owner ON kee.object (cluster_id, owner_uid, recorded_at) WHERE owner_uid IS NOT NULL;
            """
    )
}
