public import Logging
public import Postgres

/// The schema `kee` of the archive, its versions and its upkeep.
public enum EventSchema {
    /// Creates the schema, or brings it up to the version that this program knows. Safe to run by several at once, and
    /// a look at the version is all it does when nothing is missing, so that a role that may only read can run it.
    ///
    /// - Throws: `SchemaError` if the schema is too new for this program or the database unfit; `PostgresError`.
    public static func migrate(
        _ pool: PostgresPool,
        logger: Logger,
        deadline: ContinuousClock.Instant
    ) async throws {
        try await pool.withConnection(deadline: deadline) { connection in
            try await requireUTF8(connection, deadline)
            if try await installed(on: connection, deadline)?.check() != Migration.newest {
                try await apply(on: connection, logger, deadline)
            }
            try await ReaderRole.look(on: connection, logger, deadline)
        }
    }

    /// Checks that the schema is there and serves this program, and changes nothing.
    ///
    /// - Throws: `SchemaError`, `PostgresError`.
    public static func check(_ pool: PostgresPool, deadline: ContinuousClock.Instant) async throws {
        try await pool.withConnection(deadline: deadline) { connection in
            let version = try await installed(on: connection, deadline)?.check() ?? 0
            guard version >= Migration.newest else {
                throw SchemaError.missing(installed: version, wanted: Migration.newest)
            }
        }
    }

    /// What the database says of its schema.
    private struct Installed {
        var version: Int32
        var oldestProgram: Int32

        /// The version, capped to what this program knows: a newer schema that still serves it needs nothing from it.
        func check() throws(SchemaError) -> Int32 {
            guard Migration.newest >= oldestProgram else {
                throw .tooNew(installed: version, serves: oldestProgram, known: Migration.newest)
            }
            return min(version, Migration.newest)
        }
    }

    private static func installed(
        on connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> Installed? {
        let exists = try await connection.query(
            // Not to_regclass: it answers from a cache that is not told of what others commit while this transaction
            // waits for the lock.
            PostgresStatement(
                "SELECT EXISTS (SELECT FROM pg_tables WHERE (schemaname, tablename) = ('kee', 'schema_version'))"
            ),
            deadline: deadline
        )
        guard exists.bool(0, 0) else { return nil }
        let result = try await connection.query(
            PostgresStatement("SELECT version, oldest_program FROM kee.schema_version ORDER BY version DESC LIMIT 1"),
            deadline: deadline
        )
        guard result.rowCount > 0 else { return nil }
        return Installed(version: result.int32(0, 0), oldestProgram: result.int32(0, 1))
    }

    private static func apply(
        on connection: PostgresConnection,
        _ logger: Logger,
        _ deadline: ContinuousClock.Instant
    ) async throws {
        for migration in Migration.all {
            try await connection.transaction(deadline: deadline) { connection in
                // Held until the commit: others wait here, and then find the step done.
                try await connection.execute(
                    "SELECT pg_advisory_xact_lock(\(AdvisoryLock.migration))",
                    deadline: deadline
                )
                let version = try await installed(on: connection, deadline)?.check() ?? 0
                guard version < migration.version else { return }
                try await connection.execute(header + migration.sql, deadline: deadline)
                try await connection.execute(
                    "INSERT INTO kee.schema_version (version, oldest_program)"
                        + " VALUES (\(migration.version), \(migration.oldestProgram))",
                    deadline: deadline
                )
                logger.info("The schema has been migrated", metadata: ["version": "\(migration.version)"])
            }
        }
    }

    private static let header = """
        DO $$
        BEGIN
            -- IF NOT EXISTS would ask for the right to create schemas even where there is one.
            IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'kee') THEN
                CREATE SCHEMA kee;
            END IF;
        END $$;
        CREATE TABLE IF NOT EXISTS kee.schema_version (
            version int4 PRIMARY KEY,
            oldest_program int4 NOT NULL,
            applied_at timestamptz NOT NULL DEFAULT now()
        );
        """

    private static func requireUTF8(
        _ connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws {
        let result = try await connection.query(
            PostgresStatement("SELECT current_setting('server_encoding'), current_setting('server_version_num')::int4"),
            deadline: deadline
        )
        guard result.text(0, 0) == "UTF8" else { throw SchemaError.encoding(result.text(0, 0)) }
        guard result.int32(0, 1) >= 140_000 else { throw SchemaError.serverTooOld(result.int32(0, 1)) }
    }
}

/// The keys of the advisory locks, `kee` in ASCII and a number: one namespace in the whole database.
enum AdvisoryLock {
    static let migration: Int64 = 0x6b65_6501
    /// Creating and attaching months.
    static let months: Int64 = 0x6b65_6502
    /// Retiring months.
    static let retention: Int64 = 0x6b65_6503
    /// Counting the hours of months from before there was a rollup.
    static let rollup: Int64 = 0x6b65_6504
}
