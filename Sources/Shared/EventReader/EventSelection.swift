import EventModel
import EventSchema
import Postgres

/// A question with the names replaced by the ids of the dictionaries.
struct EventSelection {
    var order: EventQuery.Order
    var clusterID: Int32?
    var namespaceID: Int32?
    /// The hash of the object that is meant; `name` is compared as well.
    var object: Int64?
    var name: String?
    var kinds: [Int32]?
    var reasons: [Int32]?
    var types: [Int32]?
    var since: Int64?
    var until: Int64?
    var cursor: EventCursor?

    init(order: EventQuery.Order) {
        self.order = order
    }

    func statement(in table: SelectStatement.Table) -> SelectStatement {
        var conditions: [SelectStatement.Condition] = []
        // A namespace belongs to one cluster, and an object's hash is of one namespace.
        if clusterID != nil, namespaceID == nil { conditions.append(.cluster) }
        if namespaceID != nil { conditions.append(.namespace) }
        if object != nil { conditions.append(.object) }
        if name != nil { conditions.append(.name) }
        if kinds != nil { conditions.append(.kinds) }
        if reasons != nil { conditions.append(.reasons) }
        if types != nil { conditions.append(.types) }
        if since != nil { conditions.append(.since) }
        if until != nil { conditions.append(.until) }
        if cursor != nil { conditions.append(.cursor) }
        return SelectStatement(conditions: conditions, order: order, table: table)
    }

    /// In the order of the statement's conditions.
    func parameters(limit: Int) -> PostgresParameters {
        var parameters = PostgresParameters()
        if let clusterID, namespaceID == nil { parameters.append(clusterID) }
        if let namespaceID { parameters.append(namespaceID) }
        if let object { parameters.append(object) }
        if let name { parameters.append(name) }
        for ids in [kinds, reasons, types] {
            guard let ids else { continue }
            var array = PostgresArray(of: .int4)
            for id in ids { array.append(id) }
            parameters.append(array)
        }
        if let since { parameters.append(timestampMicroseconds: since) }
        if let until { parameters.append(timestampMicroseconds: until) }
        if let cursor {
            parameters.append(timestampMicroseconds: cursor.time)
            parameters.append(cursor.id)
        }
        parameters.append(Int64(limit))
        return parameters
    }

    /// The months that hold the beginning of the answer, if few enough tables to be asked directly.
    func directMonths(_ months: ArchiveMonths) -> [EventMonth]? {
        switch order {
        case .newestFirst:
            guard let newest = months.newestWithEvents else { return nil }
            let bounds = [until.map { $0 - 1 }, cursor?.time].compactMap(\.self)
            let first = bounds.min().map { min(EventMonth(microseconds: $0), newest) } ?? newest
            // Months after the newest one with events are empty, or were filled since that was looked up.
            let last = bounds.min().map { EventMonth(microseconds: $0) }
            let asked = months.attached.filter { month in month >= first && last.map { month <= $0 } ?? true }
            return asked.first == first && asked.count <= Self.directLimit ? asked : nil
        case .oldestFirst:
            guard let bound = [since, cursor?.time].compactMap(\.self).max() else { return nil }
            let month = EventMonth(microseconds: bound)
            return months.attached.contains(month) ? [month] : nil
        }
    }

    /// Whether nothing outside those months can match.
    func isComplete(in months: [EventMonth]) -> Bool {
        switch order {
        case .newestFirst: since.map { since in months.first.map { since >= $0.start } ?? false } ?? false
        case .oldestFirst:
            until.map { until in months.last.map { until <= $0.advanced(by: 1).start } ?? false } ?? false
        }
    }

    /// More tables than this are better asked through their parent.
    private static let directLimit = 4
}

/// Which months there are.
struct ArchiveMonths: Sendable, Equatable {
    /// In ascending order.
    var attached: [EventMonth]
    /// The last month that ever received an event; events from the future occur, so it is not the clock's.
    var newestWithEvents: EventMonth?
}
