import EventModel
import EventSchema
import Postgres

/// A question with the names replaced by the ids of the dictionaries.
struct EventSelection {
    var order: EventQuery.Order
    var clusterID: Int32?
    var namespaceID: Int32?
    /// What may be seen of a scope that is wider than that: these clusters, and these namespaces of others. Nil: all of it.
    var visible: VisiblePlaces?
    /// The hash of the object that is meant; `name` is compared as well.
    var object: Int64?
    var name: String?
    var kinds: [Int32]?
    var reasons: [Int32]?
    var types: [Int32]?
    /// What the components stand for; nil with components that stand for too many.
    var sources: [Int32]?
    var components: [String]?
    /// In small letters.
    var text: String?
    var since: Int64?
    var until: Int64?
    var isLatest = false
    var snapshot: ArchiveSnapshot?
    var cursor: EventCursor?

    init(order: EventQuery.Order) {
        self.order = order
    }

    func statement(in table: SelectStatement.Table, limit: Int) -> SelectStatement {
        var conditions: [SelectStatement.Condition] = []
        // A namespace belongs to one cluster, and an object's hash is of one namespace.
        if clusterID != nil, namespaceID == nil, !isOneByOne { conditions.append(.cluster) }
        if namespaceID != nil { conditions.append(.namespace) }
        if let visible {
            if !visible.clusters.isEmpty { conditions.append(.clusters) }
            if !visible.namespaces.isEmpty { conditions.append(.namespaces) }
        }
        if object != nil { conditions.append(.object) }
        if name != nil { conditions.append(.name) }
        if kinds != nil { conditions.append(.kinds) }
        if reasons != nil { conditions.append(.reasons) }
        if types != nil { conditions.append(.types) }
        if sources != nil { conditions.append(.sources) } else if components != nil { conditions.append(.components) }
        if text != nil { conditions.append(.text) }
        if since != nil { conditions.append(.since) }
        if until != nil { conditions.append(.until) }
        if isLatest { conditions.append(.latest) }
        if snapshot != nil { conditions.append(.snapshot) }
        if cursor != nil { conditions.append(.cursor) }
        var statement = SelectStatement(conditions: conditions, order: order, table: table)
        statement.places = isOneByOne ? .oneByOne : .filtered
        statement.isBounded = limit > Self.smallPage
        return statement
    }

    /// In the order of the statement's conditions.
    func parameters(limit: Int) -> PostgresParameters {
        var parameters = PostgresParameters()
        if let clusterID, namespaceID == nil, !isOneByOne { parameters.append(clusterID) }
        if let namespaceID { parameters.append(namespaceID) }
        for ids in [visible?.clusters, visible?.namespaces] {
            if let ids, !ids.isEmpty { parameters.append(PostgresArray(ids)) }
        }
        if let object { parameters.append(object) }
        if let name { parameters.append(name) }
        for ids in [kinds, reasons, types] {
            if let ids { parameters.append(PostgresArray(ids)) }
        }
        if let sources {
            parameters.append(PostgresArray(sources))
        } else if let components {
            parameters.append(PostgresArray(components))
        }
        if let text { parameters.append(text) }
        if let since { parameters.append(timestampMicroseconds: since) }
        if let until { parameters.append(timestampMicroseconds: until) }
        if let snapshot {
            parameters.append(Int32(truncatingIfNeeded: snapshot.next))
            var inProgress = PostgresArray(of: .xid)
            for id in snapshot.inProgress { inProgress.append(Int32(truncatingIfNeeded: id)) }
            parameters.append(inProgress)
        }
        if let cursor {
            parameters.append(timestampMicroseconds: cursor.time)
            parameters.append(cursor.id)
        }
        parameters.append(Int64(limit))
        return parameters
    }

    /// Whether the places are read each by itself. Each costs about 0.01 ms in a month and 0.3 ms over sixty; those who may
    /// see more of them see much of what there is, and find it soon among the rest.
    private var isOneByOne: Bool { visible.map { $0.count <= Self.mostOneByOne } ?? false }

    static let mostOneByOne = 64

    /// Rows that need no look at their size before they are sent: what `kubectl` writes has some hundred bytes, and even at
    /// 1.5 MB, etcd's limit, they are bearable.
    private static let smallPage = 64

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

/// What of a scope may be seen, by id.
struct VisiblePlaces: Hashable, Sendable {
    /// Whole.
    var clusters: [Int32] = []
    /// Of other clusters than those.
    var namespaces: [Int32] = []

    var count: Int { clusters.count + namespaces.count }
}

extension PostgresArray {
    init(_ ids: [Int32]) {
        self.init(of: .int4)
        for id in ids { append(id) }
    }

    init(_ texts: [String]) {
        self.init(of: .text)
        for text in texts { append(text) }
    }
}
