import EventSchema
import JSON
public import Logging
import Metrics
public import Postgres
import Synchronization

/// Answers questions about archived events. Holds no connection between questions.
public final class EventReader: Sendable {
    let pool: PostgresPool
    let caches = Mutex(ReaderCaches())
    private let logger: Logger

    /// - Parameters:
    ///   - pool: whose sessions have been set up with `sessionSetup`.
    ///   - logger: told why a question could not be answered, which its caller is not.
    public init(pool: PostgresPool, logger: Logger) {
        self.pool = pool
        self.logger = logger
        PostgresError.startCounting()
    }

    /// What each session of the reader's pool needs.
    ///
    /// Planning over 60 partitions costs 6 to 10 ms at each execution, a generic plan 0.02. With the default costs, and
    /// with bitmaps, the planner combined two indexes or walked the primary key where one index holds the answer.
    public static let sessionSetup = [
        "SET plan_cache_mode = force_generic_plan", "SET random_page_cost = 1.1", "SET enable_bitmapscan = off",
        "SET jit = off", "SET default_transaction_read_only = on",
    ]

    /// One page of the events that match, and may be seen.
    ///
    /// - Parameters:
    ///   - limit: at most so many events, from 1; fewer where they exceed `EventPage.byteBudget`.
    ///   - cursor: the `next` of the page before; nil for the first.
    ///   - form: how the events are written.
    public func page(
        _ query: EventQuery,
        after cursor: EventCursor? = nil,
        limit: Int,
        as form: PageForm = .json,
        deadline: ContinuousClock.Instant
    ) async throws(EventReaderError) -> EventPage {
        try await reading(deadline) { connection in
            guard var selection = try await self.selection(for: query, connection, deadline) else { return .empty }
            selection.cursor = cursor
            if query.view == .latest {
                selection.snapshot = try await self.snapshot(pinnedBy: cursor, connection, deadline)
            }
            // One row more than asked for tells whether there is a next page.
            let result = try await self.rows(selection, limit: limit + 1, connection, deadline)
            let rows = (0..<min(result.rowCount, limit)).map { (result, $0) }
            var written = try await self.encode(rows, as: form, connection, deadline)
            guard let last = written.last else { return .empty }
            written.hasMore = written.hasMore || result.rowCount > limit
            if !written.hasMore, result.columnCount > EventColumns.isFull, result.bool(last.row, EventColumns.isFull) {
                selection.cursor = Self.cursor(of: last)
                written.hasMore = try await self.rows(selection, limit: 1, connection, deadline).rowCount > 0
            }
            guard written.hasMore else { return written.page(next: nil) }
            let known = try await self.remaining(selection, cursor, connection, deadline).map {
                $0 - Int64(written.count)
            }
            let place = Self.cursor(of: last)
            return written.page(
                next: EventCursor(
                    time: place.time,
                    id: place.id,
                    snapshot: selection.snapshot,
                    // What has arrived since they were counted may outnumber them.
                    remaining: known.flatMap { $0 > 0 ? $0 : nil }
                )
            )
        }
    }

    /// What page one looks at, or looked at.
    private func snapshot(
        pinnedBy cursor: EventCursor?,
        _ connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> ArchiveSnapshot? {
        if let cursor { return cursor.snapshot }
        return ArchiveSnapshot(try await connection.query(Self.currentSnapshot, deadline: deadline).text(0, 0))
    }

    private static let currentSnapshot = PostgresStatement("SELECT pg_current_snapshot()::text")

    /// Asks the newest months directly, and all months only if those do not hold the whole answer.
    func rows(
        _ selection: EventSelection,
        limit: Int,
        _ connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws -> PostgresResult {
        let parameters = selection.parameters(limit: limit)
        if let months = selection.directMonths(try await months(connection, deadline)) {
            do throws(PostgresError) {
                let statement = statement(selection.statement(in: .months(months), limit: limit))
                let result = try await connection.query(statement, parameters, deadline: deadline)
                if result.rowCount == limit || result.isFull || selection.isComplete(in: months) { return result }
            } catch {
                // The month has just been retired.
                guard error.sqlState == "42P01" else { throw error }
                caches.withLock { $0.months = nil }
            }
        }
        let statement = statement(selection.statement(in: .parent, limit: limit))
        return try await connection.query(statement, parameters, deadline: deadline)
    }

    private func statement(_ shape: SelectStatement) -> PostgresStatement {
        caches.withLock { $0.statement(shape) }
    }

    /// Writes rows, until they are as large as a page may be.
    func encode(
        _ rows: [(result: PostgresResult, row: Int)],
        as form: PageForm,
        _ connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws -> WrittenRows {
        // Once with what is known; once more with what that lacked; what is missing then does not exist.
        for _ in 1...2 {
            var encoder = PageEncoder(caches.withLock { $0.dictionaries })
            let written = Self.write(rows, form, &encoder)
            guard !encoder.missing.isEmpty else { return written }
            var loaded = encoder.dictionaries
            try await loaded.load(encoder.missing, on: connection, deadline: deadline)
            caches.withLock { [loaded] in $0.dictionaries = loaded }
        }
        throw SchemaError.dictionaryLostAnEntry("cluster, namespace, kind, reason, event_type, source or field_path")
    }

    private static func write(
        _ rows: [(result: PostgresResult, row: Int)],
        _ form: PageForm,
        _ encoder: inout PageEncoder
    ) -> WrittenRows {
        var output = JSONOutput(capacity: rows.count * (form == .csv ? 300 : 1_100))
        for (position, row) in rows.enumerated() {
            if output.count >= EventPage.byteBudget {
                return WrittenRows(items: output.bytes, count: position, last: rows[position - 1], hasMore: true)
            }
            encoder.write(row.result, row: row.row, isFirst: position == 0, as: form, to: &output)
        }
        return WrittenRows(items: output.bytes, count: rows.count, last: rows.last, hasMore: false)
    }

    fileprivate static func cursor(of row: (result: PostgresResult, row: Int)) -> EventCursor {
        EventCursor(
            time: row.result.timestampMicroseconds(row.row, EventColumns.ts.rawValue),
            id: row.result.int64(row.row, EventColumns.id.rawValue)
        )
    }

    /// Lends a connection, and tells errors in the words of this module.
    func reading<Value>(
        _ deadline: ContinuousClock.Instant,
        _ body: nonisolated(nonsending) (PostgresConnection) async throws -> Value
    ) async throws(EventReaderError) -> Value {
        do {
            return try await pool.withConnection(deadline: deadline, body)
        } catch let error as EventReaderError {
            throw error
        } catch let error as PostgresError {
            if error.kind != .cancelled {
                error.count()
                logger.warning("The archive could not be read", metadata: ["error": "\(error)"])
            }
            // 57014: the statement_timeout, or cancelled by an administrator.
            throw error.sqlState == "57014" || error.kind == .deadlineExceeded ? .tooSlow : .unavailable
        } catch {
            logger.error("The archive could not be read", metadata: ["error": "\(error)"])
            throw .unavailable
        }
    }
}

extension EventPage {
    static let empty = EventPage(items: [], count: 0, next: nil)
}

/// Rows in the form of a page.
struct WrittenRows {
    var items: [UInt8]
    /// How many were written.
    var count: Int
    /// The last that was.
    var last: (result: PostgresResult, row: Int)?
    /// Whether there were others that had no room.
    var hasMore: Bool

    func page(next: EventCursor?) -> EventPage {
        EventPage(items: items, count: count, next: next, last: last.map { EventReader.cursor(of: $0) })
    }
}

extension PostgresResult {
    /// Whether rows were left out because those before them are large.
    fileprivate var isFull: Bool {
        rowCount > 0 && columnCount > EventColumns.isFull && bool(rowCount - 1, EventColumns.isFull)
    }
}
