extension Migration {
    /// Version 1: dictionaries, the partitioned table of observations, the tally, and what may be read from outside.
    static let firstTables = Migration(
        version: 1,
        oldestProgram: 1,
        sql: """
            CREATE TABLE kee.cluster (
                cluster_id int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                name text COLLATE "C" NOT NULL UNIQUE
            );
            CREATE TABLE kee.namespace (
                ns_id int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                cluster_id int4 NOT NULL REFERENCES kee.cluster,
                name text COLLATE "C" NOT NULL,
                UNIQUE (cluster_id, name)
            );
            CREATE TABLE kee.kind (
                kind_id int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                kind text COLLATE "C" NOT NULL,
                api_version text COLLATE "C" NOT NULL,
                UNIQUE (kind, api_version)
            );
            CREATE TABLE kee.reason (
                reason_id int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                name text COLLATE "C" NOT NULL UNIQUE
            );
            CREATE TABLE kee.event_type (
                type_id int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                name text COLLATE "C" NOT NULL UNIQUE
            );
            CREATE TABLE kee.source (
                source_id int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                component text COLLATE "C" NOT NULL,
                host text COLLATE "C" NOT NULL,
                reporting_component text COLLATE "C" NOT NULL,
                reporting_instance text COLLATE "C" NOT NULL,
                UNIQUE (component, host, reporting_component, reporting_instance)
            );
            CREATE TABLE kee.field_path (
                field_path_id int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                path text COLLATE "C" NOT NULL UNIQUE
            );

            -- One row for each observation. Widest columns first, so that nothing is lost to alignment.
            CREATE TABLE kee.event (
                ts timestamptz NOT NULL,
                id int8 NOT NULL,
                rv int8,
                suffix int8,
                obj_rv int8,
                res int8 NOT NULL,
                uid uuid,
                obj_uid uuid,
                cluster_id int4 NOT NULL,
                ns_id int4 NOT NULL,
                kind_id int4 NOT NULL,
                reason_id int4 NOT NULL,
                type_id int4 NOT NULL,
                source_id int4 NOT NULL,
                field_path_id int4,
                first_d int4,
                created_d int4,
                count int4,
                shape int4 NOT NULL,
                name text COLLATE "C" NOT NULL,
                message text NOT NULL,
                extra jsonb,
                raw bytea,
                PRIMARY KEY (ts, id)
            ) PARTITION BY RANGE (ts);
            CREATE INDEX event_cluster ON kee.event (cluster_id, ts);
            CREATE INDEX event_namespace ON kee.event (ns_id, ts);
            CREATE INDEX event_object ON kee.event (res, ts);

            -- How many observations a namespace has in a month, kept in the statement that inserts them.
            CREATE TABLE kee.tally (
                month date NOT NULL,
                cluster_id int4 NOT NULL,
                ns_id int4 NOT NULL,
                events int8 NOT NULL,
                first_ts timestamptz NOT NULL,
                last_ts timestamptz NOT NULL,
                PRIMARY KEY (month, ns_id)
            ) WITH (fillfactor = 50);

            -- What came in as an event and could not be archived as one.
            CREATE TABLE kee.rejected_event (
                rejected_id int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                rejected_at timestamptz NOT NULL DEFAULT now(),
                cluster text NOT NULL,
                reason text NOT NULL,
                body bytea NOT NULL
            );

            CREATE VIEW kee.event_log AS
            SELECT e.ts AS "time",
                c.name AS cluster,
                n.name AS namespace,
                k.kind,
                e.name,
                t.name AS type,
                r.name AS reason,
                e.message,
                coalesce(
                    CASE WHEN jsonb_typeof(e.extra #> '{e,series,count}') = 'number'
                        THEN greatest(least((e.extra #>> '{e,series,count}')::numeric, 2147483647), -2147483648)::int4
                        END,
                    e.count,
                    -- A count that is too large for its column; anyone who may create events can write it.
                    CASE WHEN jsonb_typeof(e.extra #> '{e,count}') = 'number'
                        THEN greatest(least((e.extra #>> '{e,count}')::numeric, 2147483647), -2147483648)::int4 END,
                    1) AS count,
                coalesce(nullif(s.component, ''), s.reporting_component) AS component,
                coalesce(nullif(s.host, ''), s.reporting_instance) AS host,
                coalesce(e.uid::text, e.extra #>> '{m,uid}') AS uid
            FROM kee.event e
            JOIN kee.cluster c USING (cluster_id)
            JOIN kee.namespace n USING (ns_id)
            JOIN kee.kind k USING (kind_id)
            JOIN kee.event_type t USING (type_id)
            JOIN kee.reason r USING (reason_id)
            JOIN kee.source s USING (source_id);

            DO $$
            BEGIN
                IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'kee_reader') THEN
                    CREATE ROLE kee_reader NOLOGIN;
                END IF;
            EXCEPTION
                WHEN insufficient_privilege THEN NULL;
                WHEN duplicate_object OR unique_violation THEN NULL;
            END $$;
            DO $$
            BEGIN
                IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'kee_reader') THEN
                    GRANT USAGE ON SCHEMA kee TO kee_reader;
                    GRANT SELECT ON kee.event_log TO kee_reader;
                END IF;
            END $$;
            """
    )
}
