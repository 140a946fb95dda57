extension Migration {
    /// Version 4: how many observations there were in each hour.
    ///
    /// Triggers of the statement keep it, and not the writer's own SQL: so older collectors go on writing beside newer
    /// ones, and what they write counts as well. See decision 0010.
    static let rollup = Migration(
        version: 4,
        oldestProgram: 1,
        sql: """
            -- Who reported an event: source.component, or else reportingComponent. A source has its host in it, and so is
            -- one of thousands.
            CREATE TABLE kee.component (
                component_id int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                name text COLLATE "C" NOT NULL UNIQUE
            );
            CREATE TABLE kee.source_component (
                source_id int4 PRIMARY KEY,
                component_id int4 NOT NULL
            );

            CREATE FUNCTION kee.component_name(component text, reporting_component text) RETURNS text
            LANGUAGE sql IMMUTABLE AS $$ SELECT coalesce(nullif(component, ''), reporting_component) $$;

            -- A statement of its own for each step: the second sees what another writer has committed meanwhile.
            CREATE FUNCTION kee.name_components() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                INSERT INTO kee.component (name)
                SELECT DISTINCT kee.component_name(component, reporting_component) COLLATE "C" AS name FROM inserted s
                WHERE NOT EXISTS (
                    SELECT FROM kee.component c WHERE c.name = kee.component_name(s.component, s.reporting_component))
                ORDER BY name ON CONFLICT DO NOTHING;
                INSERT INTO kee.source_component
                SELECT s.source_id, c.component_id FROM inserted s
                JOIN kee.component c ON c.name = kee.component_name(s.component, s.reporting_component);
                RETURN NULL;
            END $$;
            -- From here to the commit nobody writes: what is there is counted as there, what comes is counted by triggers.
            LOCK TABLE ONLY kee.source, ONLY kee.event IN SHARE ROW EXCLUSIVE MODE;
            CREATE TRIGGER name_components AFTER INSERT ON kee.source REFERENCING NEW TABLE AS inserted
            FOR EACH STATEMENT EXECUTE FUNCTION kee.name_components();
            INSERT INTO kee.component (name)
            SELECT DISTINCT kee.component_name(component, reporting_component) FROM kee.source;
            INSERT INTO kee.source_component
            SELECT s.source_id, c.component_id FROM kee.source s
            JOIN kee.component c ON c.name = kee.component_name(s.component, s.reporting_component);

            -- How many observations an hour has, of a namespace and of a whole cluster: `count` of an event is cumulative,
            -- and summing it would lie.
            CREATE TABLE kee.namespace_hour (
                hour timestamptz NOT NULL,
                ns_id int4 NOT NULL,
                kind_id int4 NOT NULL,
                reason_id int4 NOT NULL,
                type_id int4 NOT NULL,
                component_id int4 NOT NULL,
                events int4 NOT NULL,
                PRIMARY KEY (ns_id, hour, reason_id, kind_id, type_id, component_id)
            ) WITH (fillfactor = 80);
            CREATE TABLE kee.cluster_hour (
                hour timestamptz NOT NULL,
                cluster_id int4 NOT NULL,
                kind_id int4 NOT NULL,
                reason_id int4 NOT NULL,
                type_id int4 NOT NULL,
                component_id int4 NOT NULL,
                events int4 NOT NULL,
                PRIMARY KEY (cluster_id, hour, reason_id, kind_id, type_id, component_id)
            ) WITH (fillfactor = 80);

            -- Months with events from before, which nobody has counted yet: they are answered from the events.
            CREATE TABLE kee.uncounted_month (
                month date PRIMARY KEY
            );
            INSERT INTO kee.uncounted_month SELECT DISTINCT month FROM kee.tally;

            -- Sorted, so that two writers never wait for each other in a circle.
            CREATE FUNCTION kee.count_hours() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                WITH counted AS MATERIALIZED (
                    SELECT date_trunc('hour', e.ts, 'UTC') AS hour, e.cluster_id, e.ns_id, e.kind_id, e.reason_id,
                        e.type_id, s.component_id, count(*)::int4 AS events
                    FROM inserted e JOIN kee.source_component s USING (source_id) GROUP BY 1, 2, 3, 4, 5, 6, 7
                ), by_namespace AS (
                    INSERT INTO kee.namespace_hour AS h (hour, ns_id, kind_id, reason_id, type_id, component_id, events)
                    SELECT hour, ns_id, kind_id, reason_id, type_id, component_id, events FROM counted
                    ORDER BY ns_id, hour, reason_id, kind_id, type_id, component_id
                    ON CONFLICT (ns_id, hour, reason_id, kind_id, type_id, component_id)
                        DO UPDATE SET events = h.events + excluded.events
                )
                INSERT INTO kee.cluster_hour AS h (hour, cluster_id, kind_id, reason_id, type_id, component_id, events)
                SELECT hour, cluster_id, kind_id, reason_id, type_id, component_id, sum(events) FROM counted
                GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY cluster_id, hour, reason_id, kind_id, type_id, component_id
                ON CONFLICT (cluster_id, hour, reason_id, kind_id, type_id, component_id)
                    DO UPDATE SET events = h.events + excluded.events;
                RETURN NULL;
            END $$;
            CREATE TRIGGER count_hours AFTER INSERT ON kee.event REFERENCING NEW TABLE AS inserted
            FOR EACH STATEMENT EXECUTE FUNCTION kee.count_hours();
            """
    )
}
