public import Logging
public import Postgres

/// The numbers of observations in each hour, `kee.namespace_hour` and `kee.cluster_hour`.
///
/// Triggers keep them from migration 4 on. Months that had events before are counted here, one transaction each; until
/// then questions about them are answered from the events themselves.
public struct EventRollup: Sendable {
    /// A month that still gets events is counted only while it has fewer than this: nobody can write into it meanwhile,
    /// and this many take about two seconds. A larger one waits until it is over.
    public static let largestLiveMonth: Int64 = 1_000_000

    /// How long writers may be waited for, since those who come behind wait too.
    private static let lockTimeout = "5s"

    /// Stateless.
    public init() {}

    /// Counts the months that nobody has counted yet, the newest first. Does nothing while another collector is at it.
    ///
    /// - Returns: the months that were counted.
    /// - Throws: `PostgresError`; what is left is for the next call.
    public func count(
        at now: Int64,
        on connection: PostgresConnection,
        logger: Logger,
        deadline: ContinuousClock.Instant
    ) async throws -> [EventMonth] {
        let uncounted = try await connection.query(Self.selection, deadline: deadline)
        guard uncounted.rowCount > 0 else { return [] }
        let existing = try await EventPartitions.existing(on: connection, deadline: deadline)
        var counted: [EventMonth] = []
        for row in 0..<uncounted.rowCount {
            let month = EventMonth(microseconds: uncounted.timestampMicroseconds(row, 0))
            let isOver = month < EventMonth(microseconds: now)
            guard existing.contains(month), isOver || uncounted.int64(row, 1) < Self.largestLiveMonth else { continue }
            guard try await count(month, on: connection, deadline) else { continue }
            counted.append(month)
            logger.info("The hours of a month have been counted", metadata: ["partition": "\(month.partition)"])
        }
        return counted
    }

    /// The months that nobody has counted yet.
    ///
    /// - Throws: `PostgresError`.
    public static func uncounted(
        on connection: PostgresConnection,
        deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> Set<EventMonth> {
        let result = try await connection.query(selection, deadline: deadline)
        return Set((0..<result.rowCount).map { EventMonth(microseconds: result.timestampMicroseconds($0, 0)) })
    }

    private func count(
        _ month: EventMonth,
        on connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws -> Bool {
        try await connection.transaction(deadline: deadline) { connection in
            let lock = try await connection.query(Self.tryLock, deadline: deadline)
            guard lock.bool(0, 0) else { return false }
            guard try await Self.uncounted(on: connection, deadline: deadline).contains(month) else { return false }
            try await connection.execute(Self.counting(of: month), deadline: deadline)
            return true
        }
    }

    /// What the triggers have counted of the month since is counted once more, together with all else.
    private static func counting(of month: EventMonth) -> String {
        """
        SET LOCAL lock_timeout = '\(lockTimeout)';
        LOCK TABLE kee.\(month.partition) IN SHARE ROW EXCLUSIVE MODE;
        SET LOCAL lock_timeout = DEFAULT;
        \(deletion(of: month))
        INSERT INTO kee.namespace_hour (hour, ns_id, kind_id, reason_id, type_id, component_id, events)
        SELECT date_trunc('hour', e.ts, 'UTC'), e.ns_id, e.kind_id, e.reason_id, e.type_id, s.component_id, count(*)
        FROM kee.\(month.partition) e JOIN kee.source_component s USING (source_id)
        GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 2, 1;
        INSERT INTO kee.cluster_hour (hour, cluster_id, kind_id, reason_id, type_id, component_id, events)
        SELECT h.hour, n.cluster_id, h.kind_id, h.reason_id, h.type_id, h.component_id, sum(h.events)
        FROM kee.namespace_hour h JOIN kee.namespace n USING (ns_id) WHERE \(hours(of: month))
        GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 2, 1;
        """
    }

    /// Forgets a month. Its hours are no partition of their own: collectors that know nothing of them create months too.
    static func deletion(of month: EventMonth) -> String {
        """
        DELETE FROM kee.namespace_hour WHERE \(hours(of: month));
        DELETE FROM kee.cluster_hour WHERE \(hours(of: month));
        DELETE FROM kee.uncounted_month WHERE month = '\(month.firstDay)';
        """
    }

    private static func hours(of month: EventMonth) -> String {
        "hour >= '\(month.firstDay) 00:00Z' AND hour < '\(month.advanced(by: 1).firstDay) 00:00Z'"
    }

    private static let tryLock = PostgresStatement("SELECT pg_try_advisory_xact_lock(\(AdvisoryLock.rollup))")
    private static let selection = PostgresStatement(
        """
        SELECT u.month::timestamp AT TIME ZONE 'UTC', coalesce(sum(t.events), 0)::int8
        FROM kee.uncounted_month u LEFT JOIN kee.tally t USING (month) GROUP BY u.month ORDER BY u.month DESC
        """
    )
}
