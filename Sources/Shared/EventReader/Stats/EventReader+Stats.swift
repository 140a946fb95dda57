import EventSchema
import Postgres
import Synchronization

extension EventReader {
    /// Numbers of observations, bucket by bucket: from the rollup what it knows, from the events what it does not. Both
    /// give the same: the numbers are exact.
    public func stats(
        _ query: StatsQuery,
        deadline: ContinuousClock.Instant
    ) async throws(EventReaderError) -> EventStats {
        let range = query.since..<max(query.since, query.until)
        guard !range.isEmpty, query.canSeeSomething else { return EventStats(query, rows: []) }
        return try await reading(deadline) { connection in
            guard let selection = try await self.selection(for: query, connection, deadline) else {
                return EventStats(query, rows: [])
            }
            let uncounted = try await self.uncountedMonths(connection, deadline)
            let ranges = StatsRanges(range, bucket: query.bucket, uncounted: uncounted)
            let statement = StatsStatement(
                key: query.key,
                bucket: query.bucket,
                place: selection.place,
                filters: selection.filters.map(\.filter)
            )
            let parameters = selection.parameters(ranges, top: query.top)
            let result = try await connection.query(statement.postgres, parameters, deadline: deadline)
            return EventStats(
                query,
                rows: (0..<result.rowCount).lazy.map { row in
                    let key = result.isNull(row, 1) ? nil : result.text(row, 1)
                    return (result.timestampMicroseconds(row, 0), key, result.int64(row, 2))
                }
            )
        }
    }

    /// Months of which the rollup does not know everything. They only become fewer, so an old answer is right.
    private func uncountedMonths(
        _ connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> Set<EventMonth> {
        if let known = caches.withLock({ $0.uncountedMonths?.value(within: ReaderCaches.uncountedAge) }) {
            return known
        }
        let uncounted = try await EventRollup.uncounted(on: connection, deadline: deadline)
        caches.withLock { $0.uncountedMonths = .init(value: uncounted, readAt: .now) }
        return uncounted
    }
}

extension EventStats {
    /// - Parameter rows: a bucket's beginning, a key and a number; each pair of the first two once.
    init(_ query: StatsQuery, rows: some Sequence<(Int64, String?, Int64)>) {
        times = query.bucketStarts
        let first = times.first ?? 0
        var points: [String?: [Int64]] = [:]
        for (bucket, key, number) in rows {
            let place = Int((bucket - first) / query.bucket.length)
            points[key, default: Array(repeating: 0, count: times.count)][place] = number
        }
        series = points.map { Series(key: $0.key, total: $0.value.reduce(0, +), points: $0.value) }.sorted {
            one,
            other in
            guard let key = one.key, let otherKey = other.key else { return one.key != nil }
            guard one.total == other.total else { return one.total > other.total }
            return key.utf8.lexicographicallyPrecedes(otherKey.utf8)
        }
    }
}

extension StatsQuery {
    /// Whether it is worth asking. Of what may not be seen nothing is told, not even whether it exists.
    var canSeeSomething: Bool {
        switch scope {
        case .everything: visibility != .only([:])
        case .cluster(let cluster): visibility[cluster] != nil
        case .namespace(let cluster, let namespace): visibility.includes(cluster: cluster, namespace: namespace)
        }
    }
}
