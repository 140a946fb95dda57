import EventModel
import EventSchema
import Postgres

extension EventReader {
    /// The story of an object and of all that it owned: those that ever had the name, what they owned, and the events
    /// of all of them.
    ///
    /// - Parameters:
    ///   - cursor: the `next` of the page before; nil for the first.
    ///   - limit: at most so many events, from 1.
    public func timeline(
        _ query: TimelineQuery,
        after cursor: EventCursor? = nil,
        limit: Int,
        deadline: ContinuousClock.Instant
    ) async throws(EventReaderError) -> TimelinePage {
        try await reading(deadline) { connection in
            // What may not be seen is not even looked up.
            guard query.visibility.includes(cluster: query.cluster, namespace: query.namespace) else {
                return .empty(recordedUntil: query.recordedUntil ?? 0)
            }
            let clusterID = try await self.clusterID(query.cluster, connection, deadline)
            let kinds = try await self.knownKinds(connection, deadline)
                .filter { _, kind in query.kinds.contains { $0.matches(kind) } }.keys.sorted()
            let recordedUntil = try await self.moment(query.recordedUntil, connection, deadline)
            guard !kinds.isEmpty else { return .empty(recordedUntil: recordedUntil) }
            let tree = TimelineTree(query, clusterID: clusterID, kinds: kinds, recordedUntil: recordedUntil)
            let (objects, isTruncated) = try await tree.read(connection, deadline)
            var events = EventPage.empty
            if let filters = try await TimelineFilters(query, after: cursor, on: connection, deadline: deadline) {
                let stories = TimelineStories(query, kinds: kinds, objects: objects)
                events = try await self.page(of: stories, filters, limit: limit, connection, deadline)
            }
            return TimelinePage(
                events: events,
                objects: objects,
                objectsAreTruncated: isTruncated,
                recordedUntil: recordedUntil
            )
        }
    }

    private func page(
        of stories: TimelineStories,
        _ filters: TimelineFilters,
        limit: Int,
        _ connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws -> EventPage {
        // One row more than asked for tells whether there is a next page.
        let result = try await rows(of: stories, filters, limit: limit + 1, connection, deadline)
        var written = try await encode(
            (0..<min(result.rowCount, limit)).map { (result, $0) },
            as: .json,
            connection,
            deadline
        )
        guard let last = written.last else { return .empty }
        written.hasMore = written.hasMore || result.rowCount > limit
        if !written.hasMore, result.isFull {
            var rest = filters
            rest.selection.cursor = Self.cursor(of: last)
            written.hasMore = try await rows(of: stories, rest, limit: 1, connection, deadline).rowCount > 0
        }
        return written.page(next: written.hasMore ? Self.cursor(of: last) : nil)
    }

    /// Now by the database's clock, which is the one that `recorded_at` is of.
    private func moment(
        _ pinned: Int64?,
        _ connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> Int64 {
        if let pinned { return pinned }
        return try await connection.query(Self.now, deadline: deadline).timestampMicroseconds(0, 0)
    }

    /// Asks the newest months directly, and all months only if those do not hold the whole answer.
    private func rows(
        of stories: TimelineStories,
        _ filters: TimelineFilters,
        limit: Int,
        _ connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws -> PostgresResult {
        let parameters = stories.parameters(filters, limit: limit)
        if let months = filters.selection.directMonths(try await months(connection, deadline)) {
            do throws(PostgresError) {
                let statement = stories.statement(filters, in: months.map { "kee.\($0.partition)" })
                let result = try await connection.query(statement, parameters, deadline: deadline)
                if result.rowCount == limit || result.isFull || filters.selection.isComplete(in: months) {
                    return result
                }
            } catch {
                // The month has just been retired.
                guard error.sqlState == "42P01" else { throw error }
            }
        }
        let statement = stories.statement(filters, in: ["kee.event"])
        return try await connection.query(statement, parameters, deadline: deadline)
    }

    private static let now = PostgresStatement("SELECT now()")
}

extension TimelinePage {
    static func empty(recordedUntil: Int64) -> TimelinePage {
        TimelinePage(events: .empty, objects: [], objectsAreTruncated: false, recordedUntil: recordedUntil)
    }
}
