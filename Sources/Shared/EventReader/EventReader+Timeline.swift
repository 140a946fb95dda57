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
            let clusterID = try await self.clusterID(query.cluster, connection, deadline)
            let kinds = try await self.knownKinds(connection, deadline)
                .filter { _, kind in query.kinds.contains { $0.matches(kind) } }.keys.sorted()
            let recordedUntil = try await self.moment(query.recordedUntil, connection, deadline)
            guard !kinds.isEmpty, query.visibility.includes(cluster: query.cluster, namespace: query.namespace) else {
                return TimelinePage(
                    events: .empty,
                    objects: [],
                    objectsAreTruncated: false,
                    recordedUntil: recordedUntil
                )
            }
            let tree = TimelineTree(query, clusterID: clusterID, kinds: kinds, recordedUntil: recordedUntil)
            let (objects, isTruncated) = try await tree.read(connection, deadline)
            var events = EventPage.empty
            if let filters = try await TimelineFilters(query, after: cursor, on: connection, deadline: deadline) {
                let stories = TimelineStories(query, kinds: kinds, objects: objects)
                let rows = try await self.rows(of: stories, filters, limit: limit + 1, connection, deadline)
                events = try await self.encode(
                    (0..<min(rows.rowCount, limit)).map { (rows, $0) },
                    hasMore: rows.rowCount > limit,
                    connection,
                    deadline
                )
            }
            return TimelinePage(
                events: events,
                objects: objects,
                objectsAreTruncated: isTruncated,
                recordedUntil: recordedUntil
            )
        }
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
                if result.rowCount == limit || filters.selection.isComplete(in: months) { return result }
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
