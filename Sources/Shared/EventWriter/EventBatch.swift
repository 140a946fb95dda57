import EventModel
import EventSchema
import Postgres

/// Rows ready to be inserted: sorted, each identity once.
struct EventBatch: Sendable {
    var rows: [EventRow]

    /// Sorted by the primary key, so that two writers that bring the same events lock them in the same order: unsorted
    /// they deadlock. Of two events with one identity the first stays.
    init(_ rows: [EventRow]) {
        var seen: Set<Int64> = []
        self.rows = rows.filter { seen.insert($0.id).inserted }.sorted { ($0.time, $0.id) < ($1.time, $1.id) }
    }

    /// The two halves, for finding the one row that the database refuses.
    var halves: (EventBatch, EventBatch) {
        var (first, second) = (self, self)
        first.rows = Array(rows[..<(rows.count / 2)])
        second.rows = Array(rows[(rows.count / 2)...])
        return (first, second)
    }

    var months: Set<EventMonth> {
        var months: Set<EventMonth> = []
        var last: EventMonth?
        for row in rows {
            let month = EventMonth(microseconds: row.time)
            if month != last { months.insert(month) }
            last = month
        }
        return months
    }
}

/// What the dictionaries answer for the rows of a batch, in their order.
struct BatchIDs: Sendable {
    var namespaces: [Int32]
    var kinds: [Int32]
    var reasons: [Int32]
    var types: [Int32]
    var sources: [Int32]
    /// Only for the rows that have a field path, in their order.
    var fieldPaths: [Int32]

    init(
        _ rows: [EventRow],
        in dictionaries: EventDictionaries,
        on connection: PostgresConnection,
        deadline: ContinuousClock.Instant
    ) async throws {
        func ids(_ dictionary: EventDictionary, _ keys: [EventDictionary.Key]) async throws -> [Int32] {
            try await dictionary.ids(of: keys, on: connection, deadline: deadline)
        }
        namespaces = try await ids(dictionaries.namespaces, rows.map { [$0.namespace] })
        kinds = try await ids(dictionaries.kinds, rows.map { [$0.kind.kind, $0.kind.apiVersion] })
        reasons = try await ids(dictionaries.reasons, rows.map { [$0.reason] })
        types = try await ids(dictionaries.types, rows.map { [$0.type] })
        sources = try await ids(
            dictionaries.sources,
            rows.map {
                [$0.source.component, $0.source.host, $0.source.reportingComponent, $0.source.reportingInstance]
            }
        )
        fieldPaths = try await ids(dictionaries.fieldPaths, rows.compactMap { $0.fieldPath.map { [$0] } })
    }
}
