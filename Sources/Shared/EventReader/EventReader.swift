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
            let found = try await self.rows(selection, limit: limit + 1, connection, deadline)
            var written = try await self.encode(Array(found.rows.prefix(limit)), as: form, connection, deadline)
            guard let last = written.last else { return .empty }
            written.hasMore = written.hasMore || found.rows.count > limit
            if !written.hasMore, found.isFull {
                // Whether there are rows behind the last large one was not asked.
                var next = selection
                next.cursor = Self.cursor(of: last)
                written.hasMore = try await !self.rows(next, limit: 1, connection, deadline).rows.isEmpty
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

    /// Asks the newest months directly, and then, if those do not hold the whole answer, the rest.
    func rows(
        _ selection: EventSelection,
        limit: Int,
        _ connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws -> FoundRows {
        let months = try await months(connection, deadline)
        var found = FoundRows(limit: limit)
        var rest = EventSelection.allTime
        if let direct = selection.directMonths(months), let first = direct.first, let last = direct.last {
            do throws(PostgresError) {
                let statement = statement(selection.statement(in: .months(direct), limit: limit))
                let result = try await connection.query(
                    statement,
                    selection.parameters(limit: limit),
                    deadline: deadline
                )
                if result.rowCount == limit || result.isFull || selection.isComplete(in: direct) {
                    found.append(result)
                    return found
                }
                switch selection.order {
                case .newestFirst:
                    // A month may have been attached since, and hold what is newer.
                    let end = last.advanced(by: 1).start
                    if selection.upperBound > end {
                        try await append(to: &found, selection, end..<rest.upperBound, connection, deadline)
                    }
                    rest = rest.lowerBound..<first.start
                case .oldestFirst:
                    rest = last.advanced(by: 1).start..<rest.upperBound
                }
                if !found.isEnough { found.append(result) }
            } catch {
                // The month has just been retired.
                guard error.sqlState == "42P01" else { throw error }
                caches.withLock { $0.months = nil }
            }
        }
        for window in selection.windows(rest, months) where !found.isEnough {
            try await append(to: &found, selection, window, connection, deadline)
        }
        return found
    }

    private func append(
        to found: inout FoundRows,
        _ selection: EventSelection,
        _ window: Range<Int64>,
        _ connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws(PostgresError) {
        var selection = selection
        if window != EventSelection.allTime { selection.window = window }
        let limit = found.limit - found.rows.count
        let statement = statement(selection.statement(in: .parent, limit: limit))
        found.append(try await connection.query(statement, selection.parameters(limit: limit), deadline: deadline))
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

    static func cursor(of row: (result: PostgresResult, row: Int)) -> EventCursor {
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
