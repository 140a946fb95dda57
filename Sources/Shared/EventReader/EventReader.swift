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

    /// One page of the events that match.
    ///
    /// - Parameters:
    ///   - limit: at most so many events, from 1.
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
            // One row more than asked for tells whether there is a next page.
            let result = try await self.rows(selection, limit: limit + 1, connection, deadline)
            let rows = (0..<min(result.rowCount, limit)).map { (result, $0) }
            return try await self.encode(rows, as: form, hasMore: result.rowCount > limit, connection, deadline)
        }
    }

    /// Asks the newest months directly, and all months only if those do not hold the whole answer.
    private func rows(
        _ selection: EventSelection,
        limit: Int,
        _ connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws -> PostgresResult {
        let parameters = selection.parameters(limit: limit)
        if let months = selection.directMonths(try await months(connection, deadline)) {
            do throws(PostgresError) {
                let statement = statement(selection.statement(in: .months(months)))
                let result = try await connection.query(statement, parameters, deadline: deadline)
                if result.rowCount == limit || selection.isComplete(in: months) { return result }
            } catch {
                // The month has just been retired.
                guard error.sqlState == "42P01" else { throw error }
                caches.withLock { $0.months = nil }
            }
        }
        let statement = statement(selection.statement(in: .parent))
        return try await connection.query(statement, parameters, deadline: deadline)
    }

    private func statement(_ shape: SelectStatement) -> PostgresStatement {
        caches.withLock { $0.statement(shape) }
    }

    /// Writes rows as a page; the last one is where the next goes on.
    func encode(
        _ rows: [(result: PostgresResult, row: Int)],
        as form: PageForm,
        hasMore: Bool,
        _ connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws -> EventPage {
        // Once with what is known; once more with what that lacked; what is missing then does not exist.
        for _ in 1...2 {
            var encoder = PageEncoder(caches.withLock { $0.dictionaries })
            let items = Self.items(rows, form, &encoder)
            guard !encoder.missing.isEmpty else {
                let last = rows.last.map { Self.cursor(of: $0) }
                return EventPage(items: items, count: rows.count, next: hasMore ? last : nil, last: last)
            }
            var loaded = encoder.dictionaries
            try await loaded.load(encoder.missing, on: connection, deadline: deadline)
            caches.withLock { [loaded] in $0.dictionaries = loaded }
        }
        throw SchemaError.dictionaryLostAnEntry("cluster, namespace, kind, reason, event_type, source or field_path")
    }

    private static func items(
        _ rows: [(result: PostgresResult, row: Int)],
        _ form: PageForm,
        _ encoder: inout PageEncoder
    ) -> [UInt8] {
        var output = JSONOutput(capacity: rows.count * (form == .csv ? 300 : 1_100))
        for (position, row) in rows.enumerated() {
            encoder.write(row.result, row: row.row, isFirst: position == 0, as: form, to: &output)
        }
        return output.bytes
    }

    private static func cursor(of row: (result: PostgresResult, row: Int)) -> EventCursor {
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
