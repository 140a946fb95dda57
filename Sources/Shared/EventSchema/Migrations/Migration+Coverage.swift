extension Migration {
    /// Version 2: how far each watch has come, which stretches of time were watched, and which cluster a name is.
    static let coverage = Migration(
        version: 2,
        oldestProgram: 1,
        sql: """
            -- Where a watch goes on: everything that the API server told up to it is in the archive. Written in the
            -- transaction of the rows. The namespace is '' where all are watched together.
            CREATE TABLE kee.watch_cursor (
                cluster_id int4 NOT NULL REFERENCES kee.cluster,
                namespace text COLLATE "C" NOT NULL,
                resource_version text COLLATE "C" NOT NULL,
                since timestamptz NOT NULL,
                until timestamptz NOT NULL,
                cause text COLLATE "C" NOT NULL,
                PRIMARY KEY (cluster_id, namespace)
            ) WITH (fillfactor = 50);

            -- Stretches of time that were watched without a gap, and why each of them began. Two collectors of one
            -- cluster can write stretches that overlap: what counts is their union.
            CREATE TABLE kee.coverage (
                cluster_id int4 NOT NULL REFERENCES kee.cluster,
                namespace text COLLATE "C" NOT NULL,
                since timestamptz NOT NULL,
                until timestamptz NOT NULL,
                cause text COLLATE "C" NOT NULL,
                PRIMARY KEY (cluster_id, namespace, since)
            ) WITH (fillfactor = 50);

            -- What tells a cluster from another one under the same name, by kind of evidence.
            CREATE TABLE kee.cluster_fingerprint (
                cluster_id int4 NOT NULL REFERENCES kee.cluster,
                kind text COLLATE "C" NOT NULL,
                value text COLLATE "C" NOT NULL,
                recorded_at timestamptz NOT NULL DEFAULT now(),
                PRIMARY KEY (cluster_id, kind)
            );
            """
    )
}
