import Logging
import Postgres

/// The group role that dashboards read the view with. Roles belong to the whole server: this one may have been made for
/// another database, or by an administrator after the migration, and then lacks its rights here.
enum ReaderRole {
    /// The SQL for an administrator, where the connecting role may not create roles.
    static let creation = "CREATE ROLE kee_reader NOLOGIN; \(grants)"
    /// What the role may do.
    static let grants = "GRANT USAGE ON SCHEMA kee TO kee_reader; GRANT SELECT ON kee.event_log TO kee_reader;"

    /// Gives the role its rights if it has them not, and warns with the SQL to run where that cannot be done.
    static func look(
        on connection: PostgresConnection,
        _ logger: Logger,
        _ deadline: ContinuousClock.Instant
    ) async throws(PostgresError) {
        var state = try await state(on: connection, deadline)
        if state == .withoutRights {
            do {
                try await connection.execute(grants, deadline: deadline)
                state = try await self.state(on: connection, deadline)
            } catch  where notOurs.contains(error.sqlState ?? "") {
                // Then it is for the owner of the schema, or for the primary.
            }
        }
        let remedy: String
        switch state {
        case .ready: return
        case .missing: remedy = creation
        case .withoutRights: remedy = grants
        }
        logger.warning(
            "The role kee_reader cannot read kee.event_log, and this role may not change that: dashboards see nothing",
            metadata: ["remedy": "\(remedy)"]
        )
    }

    private enum State {
        case ready
        case withoutRights
        case missing
    }

    private static func state(
        on connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> State {
        let result = try await connection.query(
            PostgresStatement(
                """
                SELECT has_schema_privilege(oid, 'kee', 'USAGE') AND has_table_privilege(oid, 'kee.event_log', 'SELECT')
                FROM pg_roles WHERE rolname = 'kee_reader'
                """
            ),
            deadline: deadline
        )
        guard result.rowCount > 0 else { return .missing }
        return result.bool(0, 0) ? .ready : .withoutRights
    }

    /// insufficient_privilege, read_only_sql_transaction.
    private static let notOurs: Set = ["42501", "25006"]
}
