import Postgres
import Synchronization

/// How many events there are, by namespace: what `kee.tally` said some seconds ago.
struct EventTotals: Sendable {
    var all: Int64 = 0
    var clusters: [Int32: Int64] = [:]
    var namespaces: [Int32: Int64] = [:]

    /// More namespaces than this are not counted at all: then nothing is told of what remains.
    static let mostNamespaces = 100_000

    /// Those that a question without filters and without a range selects.
    func count(of selection: EventSelection) -> Int64 {
        if let visible = selection.visible {
            return visible.clusters.reduce(0) { $0 + (clusters[$1] ?? 0) }
                + visible.namespaces.reduce(0) { $0 + (namespaces[$1] ?? 0) }
        }
        if let namespace = selection.namespaceID { return namespaces[namespace] ?? 0 }
        return selection.clusterID.map { clusters[$0] ?? 0 } ?? all
    }
}

extension EventReader {
    /// How many events the page behind a cursor, and those after it, have; nil where nobody knows at no cost.
    ///
    /// A page counts down what page one was told. Filters and a range leave it unknown, as with Kubernetes' own
    /// `remainingItemCount`.
    func remaining(
        _ selection: EventSelection,
        _ cursor: EventCursor?,
        _ connection: PostgresConnection,
        _ deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> Int64? {
        if let cursor { return cursor.remaining }
        guard !selection.isFiltered else { return nil }
        if let known = caches.withLock({ $0.totals.valueOrTurn(within: ReaderCaches.totalsAge, at: .now) }) {
            return known?.count(of: selection)
        }
        do throws(PostgresError) {
            let result = try await connection.query(Self.totals, deadline: deadline)
            var totals = EventTotals()
            for row in 0..<result.rowCount {
                let (cluster, namespace, events) = (result.int32(row, 0), result.int32(row, 1), result.int64(row, 2))
                totals.all += events
                totals.clusters[cluster, default: 0] += events
                totals.namespaces[namespace] = events
            }
            let read = result.rowCount > EventTotals.mostNamespaces ? nil : totals
            caches.withLock { [read] in $0.totals.remember(.some(read), at: .now) }
            return read?.count(of: selection)
        } catch {
            caches.withLock { $0.totals.remember(nil, at: .now) }
            throw error
        }
    }

    private static let totals = PostgresStatement(
        """
        SELECT cluster_id, ns_id, sum(events)::int8 FROM kee.tally GROUP BY cluster_id, ns_id
        LIMIT \(EventTotals.mostNamespaces + 1)
        """
    )
}

extension EventSelection {
    /// Whether it selects other events than all of its scope.
    fileprivate var isFiltered: Bool {
        name != nil || kinds != nil || reasons != nil || types != nil || components != nil || text != nil
            || since != nil
            || until != nil || isLatest
    }
}
