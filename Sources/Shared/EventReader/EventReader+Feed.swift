import EventSchema
import JSON
import Postgres
import Synchronization

extension EventReader {
    /// Where a tail starts that wants only what comes from now on; `origin` if nothing can be read yet.
    public func newestFeedPosition(
        deadline: ContinuousClock.Instant
    ) async throws(EventReaderError) -> FeedPosition {
        try await reading(deadline) { connection in
            let result = try await connection.query(FeedStatement.newest, deadline: deadline)
            guard result.rowCount > 0 else { return .origin }
            return FeedPosition(
                transaction: UInt64(bitPattern: result.int64(0, 0)),
                sequence: result.int64(0, 1),
                place: result.int32(0, 2),
                witness: result.int64(0, 3)
            )
        }
    }

    /// What the feed knows of positions, in their order; at most 64 of them.
    public func standing(
        of positions: [FeedPosition],
        deadline: ContinuousClock.Instant
    ) async throws(EventReaderError) -> [FeedPage.Standing] {
        try await reading(deadline) { connection in
            let results = try await connection.pipeline(
                positions.map { position in
                    var parameters = PostgresParameters()
                    parameters.append(Int64(bitPattern: position.transaction))
                    parameters.append(position.sequence)
                    parameters.append(position.place)
                    parameters.append(position.witness)
                    return (FeedStatement.standing, parameters)
                },
                deadline: deadline
            )
            return results.map { result in
                switch result.int32(0, 0) {
                case 0: .held
                case 1: .lost
                default: .ahead
                }
            }
        }
    }

    /// The events behind a position, in the order of commits: about `limit` of them, at most 200 more.
    public func feed(
        after position: FeedPosition,
        limit: Int,
        deadline: ContinuousClock.Instant
    ) async throws(EventReaderError) -> FeedPage {
        try await reading(deadline) { connection in
            var parameters = PostgresParameters()
            parameters.append(Int64(bitPattern: position.transaction))
            parameters.append(position.sequence)
            // The row of the position is read too.
            let limit = limit + EventFeed.eventsPerRow
            parameters.append(Int64(limit))
            let results = try await connection.pipeline(
                [(FeedStatement.page, parameters), (FeedStatement.waiting, PostgresParameters())],
                deadline: deadline
            )
            var page = FeedPage(end: position)
            page.waiting = results[1].rowCount > 0 ? .microseconds(results[1].int64(0, 0)) : nil
            let entries = FeedEntries(results[0], behind: position)
            page.standing = entries.standing
            guard page.standing == .held, let last = entries.entries.last else { return page }
            page.end = last.position
            page.hasMore = results[0].rowCount >= limit || entries.rows == FeedStatement.mostRows
            page.events = try await self.events(of: entries.entries, connection, deadline)
            return page
        }
    }

    /// Events whose month has been retired since are left out.
    private func events(
        of entries: [FeedEntries.Entry],
        _ connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws -> [FedEvent] {
        var times = PostgresArray(of: .timestamptz)
        var ids = PostgresArray(of: .int8)
        for entry in entries {
            times.append(timestampMicroseconds: entry.time)
            ids.append(entry.position.witness)
        }
        var parameters = PostgresParameters()
        parameters.append(times)
        parameters.append(ids)
        let result = try await connection.query(FeedStatement.events, parameters, deadline: deadline)
        var rows: [EventCursor.Key: Int] = [:]
        for row in 0..<result.rowCount {
            let time = result.timestampMicroseconds(row, EventColumns.ts.rawValue)
            rows[EventCursor.Key(time: time, id: result.int64(row, EventColumns.id.rawValue))] = row
        }
        // Once with what is known; once more with what that lacked.
        for _ in 1...2 {
            var encoder = PageEncoder(caches.withLock { $0.dictionaries })
            let events = entries.compactMap { entry -> FedEvent? in
                guard let row = rows[EventCursor.Key(time: entry.time, id: entry.position.witness)] else { return nil }
                return FedEvent(at: entry.position, result, row: row, &encoder)
            }
            guard !encoder.missing.isEmpty else { return events }
            var loaded = encoder.dictionaries
            try await loaded.load(encoder.missing, on: connection, deadline: deadline)
            caches.withLock { [loaded] in $0.dictionaries = loaded }
        }
        throw SchemaError.dictionaryLostAnEntry("cluster, namespace, kind, reason, event_type, source or field_path")
    }
}

extension EventCursor {
    /// The primary key of an event.
    fileprivate struct Key: Hashable {
        let time: Int64
        let id: Int64
    }
}

/// What a page of the feed holds behind a position.
private struct FeedEntries {
    struct Entry {
        let position: FeedPosition
        let time: Int64
    }

    var standing: FeedPage.Standing
    var entries: [Entry] = []
    /// Rows of the feed that were looked at.
    var rows = 0

    init(_ result: PostgresResult, behind position: FeedPosition) {
        standing = position == .origin ? .held : result.rowCount > 0 ? .lost : .ahead
        entries.reserveCapacity(result.rowCount)
        for row in 0..<result.rowCount {
            let entry = Entry(
                position: FeedPosition(
                    transaction: UInt64(bitPattern: result.int64(row, 0)),
                    sequence: result.int64(row, 1),
                    place: result.int32(row, 2),
                    witness: result.int64(row, 4)
                ),
                time: result.timestampMicroseconds(row, 3)
            )
            if entry.position == position { standing = .held }
            if entry.position > position { entries.append(entry) }
            rows = max(rows, Int(result.int32(row, 5)))
        }
        if standing != .held { entries = [] }
    }
}

extension FedEvent {
    /// Nil if the encoder lacks something.
    fileprivate init?(at position: FeedPosition, _ result: PostgresResult, row: Int, _ encoder: inout PageEncoder) {
        var output = JSONOutput(capacity: 1_200)
        encoder.write(result, row: row, isFirst: true, as: .json, to: &output)
        func id(_ column: EventColumns) -> Int32 { result.int32(row, column.rawValue) }
        let known = encoder.dictionaries
        guard let cluster = known.clusters[id(.cluster_id)], let namespace = known.namespaces[id(.ns_id)],
            let kind = known.kinds[id(.kind_id)], let reason = known.reasons[id(.reason_id)],
            let type = known.types[id(.type_id)], let source = known.sources[id(.source_id)]
        else { return nil }
        self.init(
            position: position,
            json: output.bytes,
            cluster: cluster,
            namespace: namespace,
            kind: kind.kind,
            apiVersion: kind.apiVersion,
            reason: reason,
            type: type,
            component: source.component == JSONText("") ? source.reportingComponent : source.component,
            name: result.withBytes(row, EventColumns.name.rawValue) { Array($0) },
            message: result.withBytes(row, EventColumns.message.rawValue) { Array($0) }
        )
    }
}
