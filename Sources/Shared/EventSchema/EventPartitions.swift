public import Postgres
import Synchronization

/// Makes sure that the months exist into which events are about to be written.
///
/// A month is created as a table of its own and then attached: 3.5 ms that hold up nobody, where `CREATE ... PARTITION
/// OF` waits for every reader. There is no default partition: it would forbid both ordered reading and detaching.
public final class EventPartitions: Sendable {
    /// Months that were there when last looked at. Bounded by `EventMonth.isArchivable`.
    private let known = Mutex<Set<EventMonth>>([])

    /// Knows of no month yet.
    public init() {}

    /// Creates those of the months that are missing; costs nothing when all are known.
    ///
    /// - Throws: `PostgresError`.
    public func ensure(
        _ months: Set<EventMonth>,
        on connection: PostgresConnection,
        deadline: ContinuousClock.Instant
    ) async throws {
        let missing = known.withLock { months.subtracting($0) }
        guard !missing.isEmpty else { return }
        try await connection.transaction(deadline: deadline) { connection in
            // Several creators at once would fail on each other's tables.
            try await connection.execute("SELECT pg_advisory_xact_lock(\(AdvisoryLock.months))", deadline: deadline)
            let existing = try await Self.existing(on: connection, deadline: deadline)
            for month in missing.subtracting(existing).sorted() {
                try await connection.execute(Self.creation(of: month), deadline: deadline)
            }
        }
        known.withLock { $0.formUnion(missing) }
    }

    /// Forgets what is known: after an insert found no partition for its row, because the month was retired since.
    public func forget() {
        known.withLock { $0.removeAll() }
    }

    /// The months that are attached now.
    ///
    /// - Throws: `PostgresError`.
    public static func existing(
        on connection: PostgresConnection,
        deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> Set<EventMonth> {
        let result = try await connection.query(attached, deadline: deadline)
        return Set((0..<result.rowCount).compactMap { EventMonth(partition: result.text($0, 0)) })
    }

    private static let attached = PostgresStatement(
        """
        SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'kee.event'::regclass AND NOT i.inhdetachpending
        """
    )

    private static func creation(of month: EventMonth) -> String {
        let name = "kee.\(month.partition)"
        return """
            CREATE TABLE \(name) (LIKE kee.event INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES);
            ALTER TABLE kee.event ATTACH PARTITION \(name)
                FOR VALUES FROM ('\(month.firstDay) 00:00:00+00') TO ('\(month.advanced(by: 1).firstDay) 00:00:00+00');
            """
    }
}
