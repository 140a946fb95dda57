public import EventModel
import EventSchema
import JSON
public import Logging
import Metrics
public import Postgres
import Synchronization

/// Writes one cluster's events into the archive. Safe to be used by several tasks, and to be called again with what
/// has been written before: identity makes a repetition a no-op.
public final class EventWriter: Sendable {
    /// What became of a batch.
    public struct Outcome: Sendable, Equatable {
        /// Events that were not there before.
        public var stored = 0
        /// Events that were there already, or stood twice in the batch.
        public var duplicates = 0
        /// Events that cannot be archived, by their place in the batch.
        public var rejected: [Rejected] = []

        /// For one cluster.
        public init(stored: Int = 0, duplicates: Int = 0, rejected: [Rejected] = []) {
            self.stored = stored
            self.duplicates = duplicates
            self.rejected = rejected
        }
    }

    /// An event that cannot be archived.
    public struct Rejected: Sendable, Equatable {
        /// The place in the batch, from 0.
        public let index: Int
        /// Why.
        public let reason: String
    }

    /// Whose events are written.
    public let cluster: String
    private let pool: PostgresPool
    private let logger: Logger
    private let partitions = EventPartitions()
    private let cached = Mutex<(clusterID: Int32, dictionaries: EventDictionaries)?>(nil)
    private let sent: Counter
    private let duplicates: Counter
    private let insertTimer = Timer(label: "request_processing_seconds", dimensions: [("kind", "insert")])

    /// For one cluster.
    public init(cluster: String, pool: PostgresPool, logger: Logger) {
        self.cluster = cluster
        self.pool = pool
        self.logger = logger
        sent = Counter(label: "events_sent_total", dimensions: [("cluster", cluster)])
        duplicates = Counter(label: "events_duplicate_total", dimensions: [("cluster", cluster)])
        PostgresError.startCounting()
    }

    /// Writes a batch; when it returns, all of it is committed: the events, what is kept aside, and the cursors, which
    /// are never ahead of the events. At its best with 100 to 1000 events.
    ///
    /// Deadlocks and months that have just been retired are retried within. Events that the database itself refuses
    /// are singled out, kept aside and reported as rejected, so that one of them never holds up the others.
    ///
    /// - Parameters:
    ///   - refused: what came with them and is no event; kept aside.
    ///   - cursors: what is reached with this batch, in order; one for each namespace and stretch. The last of a
    ///     namespace becomes its cursor, all go into the ledger.
    /// - Throws: `PostgresError` if the database is not to be had before the deadline: to be tried again, whatever may
    ///   have been committed.
    public func write(
        _ events: [Event],
        refused: [RefusedEvent] = [],
        cursors: [WatchCursor] = [],
        deadline: ContinuousClock.Instant
    ) async throws -> Outcome {
        var outcome = Outcome()
        var rest = Rest(refused: refused, cursors: cursors)
        var rows: [EventRow] = []
        rows.reserveCapacity(events.count)
        var places: [Int64: Int] = [:]
        for (index, event) in events.enumerated() {
            guard EventMonth(microseconds: event.time).isArchivable else {
                let reason = "its time lies outside the years 1970 to 2199"
                outcome.rejected.append(Rejected(index: index, reason: reason))
                rest.refused.append(RefusedEvent(body: event.body.jsonBytes, reason: reason))
                continue
            }
            let row = EventRow(event, cluster: cluster)
            places[row.id] = places[row.id] ?? index
            rows.append(row)
        }
        let batch = EventBatch(rows)
        let start = ContinuousClock.now
        let result: Inserted
        do {
            result = try await insert(batch, with: rest, deadline)
        } catch let error as PostgresError where error.sqlState.map(Self.isTheDatasFault) ?? false {
            // Only now is it slow: each event that is refused costs as many statements as the batch can be halved. The
            // cursors wait until all the others are safe.
            result = try await insertHalves(of: batch, deadline, after: error)
            for (id, reason) in result.refused {
                let index = places[id] ?? 0
                rest.refused.append(RefusedEvent(body: events[index].body.jsonBytes, reason: reason))
                outcome.rejected.append(Rejected(index: index, reason: reason))
            }
            _ = try await insert(EventBatch([]), with: rest, deadline)
        }
        insertTimer.record(duration: ContinuousClock.now - start)
        outcome.stored = result.stored
        outcome.duplicates = rows.count - result.stored - result.refused.count
        sent.increment(by: outcome.stored)
        duplicates.increment(by: outcome.duplicates)
        return outcome
    }

    /// What goes into the transaction beside the rows.
    private struct Rest {
        var refused: [RefusedEvent] = []
        var cursors: [WatchCursor] = []

        var isEmpty: Bool { refused.isEmpty && cursors.isEmpty }
    }

    private struct Inserted {
        var stored = 0
        var refused: [(id: Int64, reason: String)] = []
    }

    private func insert(
        _ batch: EventBatch,
        with rest: Rest,
        _ deadline: ContinuousClock.Instant
    ) async throws -> Inserted {
        guard !batch.rows.isEmpty || !rest.isEmpty else { return Inserted() }
        var attempt = 1
        while true {
            do {
                let stored = try await pool.withConnection(deadline: deadline) { connection in
                    do {
                        return try await self.insert(batch, with: rest, on: connection, deadline)
                    } catch let error as PostgresError where error.sqlState == Self.readOnly {
                        // A standby, or a primary no longer: the next connection may find the one that takes writes.
                        await connection.close()
                        throw error
                    }
                }
                return Inserted(stored: stored)
            } catch let error as PostgresError {
                error.count()
                guard let state = error.sqlState, attempt < Self.attempts else { throw error }
                if state == Self.noPartition {
                    partitions.forget()
                } else if state != "40P01" && state != "40001" {
                    throw error
                }
                logger.debug("The batch is tried again", metadata: ["sqlstate": "\(state)", "attempt": "\(attempt)"])
                attempt += 1
            }
        }
    }

    /// One transaction, in one round trip.
    private func insert(
        _ batch: EventBatch,
        with rest: Rest,
        on connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws -> Int {
        let (clusterID, dictionaries) = try await dictionaries(on: connection, deadline)
        var statements: [(PostgresStatement, PostgresParameters)] = []
        if !batch.rows.isEmpty {
            try await partitions.ensure(batch.months, on: connection, deadline: deadline)
            let ids = try await BatchIDs(batch.rows, in: dictionaries, on: connection, deadline: deadline)
            let parameters = InsertStatement.parameters(batch.rows, ids, clusterID: clusterID)
            statements.append((InsertStatement.statement, parameters))
        }
        if !rest.refused.isEmpty {
            let parameters = RefusedStatement.parameters(rest.refused, cluster: cluster)
            statements.append((RefusedStatement.statement, parameters))
        }
        if !rest.cursors.isEmpty {
            let parameters = CursorStatement.parameters(rest.cursors, clusterID: clusterID)
            statements.append((CursorStatement.statement, parameters))
        }
        let results = try await connection.pipeline(statements, deadline: deadline)
        return batch.rows.isEmpty ? 0 : Int(results[0].int64(0, 0))
    }

    /// Finds by halving which event the database refuses; all others are written.
    private func insertHalves(
        of batch: EventBatch,
        _ deadline: ContinuousClock.Instant,
        after error: PostgresError
    ) async throws -> Inserted {
        if batch.rows.count <= 1 {
            return Inserted(refused: batch.rows.map { ($0.id, "the database refuses it: \(error.message)") })
        }
        var inserted = Inserted()
        for half in [batch.halves.0, batch.halves.1] {
            let part: Inserted
            do {
                part = try await insert(half, with: Rest(), deadline)
            } catch let error as PostgresError where error.sqlState.map(Self.isTheDatasFault) ?? false {
                part = try await insertHalves(of: half, deadline, after: error)
            }
            inserted.stored += part.stored
            inserted.refused += part.refused
        }
        return inserted
    }

    private func dictionaries(
        on connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws -> (Int32, EventDictionaries) {
        if let known = cached.withLock({ $0 }) { return (known.clusterID, known.dictionaries) }
        let ids = try await EventDictionaries.clusters().ids(of: [[cluster]], on: connection, deadline: deadline)
        // Two tasks may come here at once; whichever is second finds the first one's.
        return cached.withLock { cached in
            let known = cached ?? (ids[0], EventDictionaries(clusterID: ids[0]))
            cached = known
            return (known.clusterID, known.dictionaries)
        }
    }

    /// Deadlocks happen once in a long while, and each one has a winner.
    private static let attempts = 5

    /// "no partition of relation found for row" is a check_violation.
    private static let noPartition = "23514"

    /// "read_only_sql_transaction"
    private static let readOnly = "25006"

    /// Data exceptions, and limits of the server that a value exceeds.
    private static func isTheDatasFault(_ state: String) -> Bool { state.hasPrefix("22") || state.hasPrefix("54") }
}
