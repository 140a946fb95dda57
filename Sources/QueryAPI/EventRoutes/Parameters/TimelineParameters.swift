internal import EventReader

/// The query of the timeline route, decoded and checked.
struct TimelineParameters: Equatable, Sendable {
    enum Name: String, QueryName {
        case limit, `continue`, since, until, type, reason, order

        var longestValue: Int {
            switch self {
            case .continue: ContinueToken.longestText
            case .limit, .since, .until, .type, .reason, .order: EventParameters.longestValue
            }
        }
    }

    /// Nil: not given.
    var limit: Int?
    var continuation: String?
    var since: TimeBound?
    var until: TimeBound?
    var types: [String] = []
    var reasons: [String] = []
    var order: EventQuery.Order?

    private typealias Items = QueryItems<Name>

    init() {}

    /// - Parameter query: what stands behind the `?` of a URL, nil if there is none.
    /// - Throws: a 400 that names the first parameter that is wrong.
    init(query: String?) throws(Problem) {
        guard let query else { return }
        var filterBytes = 0
        var items = Items(query)
        while let (name, value) = try items.next() {
            switch name {
            case .limit: try Items.once(&limit, try Items.number(value, of: name, in: EventParameters.limits), name)
            case .continue: try Items.once(&continuation, value, name)
            case .since: try Items.once(&since, try Items.bound(value, of: name), name)
            case .until: try Items.once(&until, try Items.bound(value, of: name), name)
            case .type, .reason:
                filterBytes += value.utf8.count
                guard types.count + reasons.count < EventParameters.mostRepeats,
                    filterBytes <= EventParameters.mostFilterBytes
                else {
                    throw .parameter(
                        name.rawValue,
                        "type and reason are given more than \(EventParameters.mostRepeats) times together, or are "
                            + "longer than \(EventParameters.mostFilterBytes) bytes."
                    )
                }
                if name == .type { types.append(value) } else { reasons.append(value) }
            case .order:
                guard let order = EventQuery.Order(rawValue: value) else {
                    throw .parameter(name.rawValue, "The order \(value.quoted) is neither desc nor asc.")
                }
                try Items.once(&self.order, order, name)
            }
        }
    }
}
