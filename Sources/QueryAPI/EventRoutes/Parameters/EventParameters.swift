internal import EventReader

/// The query of an event route, decoded and checked, as far as that goes without asking the archive.
struct EventParameters: Equatable, Sendable {
    static let limits = 1...1000
    static let defaultLimit = 100
    static let perClusterLimits = 1...100
    static let defaultPerCluster = 5
    /// Bytes of one value; names of Kubernetes objects have 253 at most, reasons 128.
    static let longestValue = 512
    /// Bytes of the part of a message that is looked for.
    static let longestText = 256
    /// Values of a parameter that can be repeated.
    static let mostRepeats = 32
    /// Bytes of all filters together, so that a token that pins them fits into a URL beside them.
    static let mostFilterBytes = 1024

    /// Nil: not given.
    var limit: Int?
    var continuation: String?
    var perCluster: Int?
    var since: TimeBound?
    var until: TimeBound?
    var types: [String] = []
    var reasons: [String] = []
    /// As they were given; see `KindCatalog`.
    var kinds: [String] = []
    var components: [String] = []
    var name: String?
    /// A part of the message.
    var text: String?
    var view: EventQuery.View?
    var order: EventQuery.Order?

    /// True when nothing was asked but how many events of each cluster.
    var asksForEachCluster: Bool {
        var others = self
        others.perCluster = nil
        return others == EventParameters()
    }

    private typealias Items = QueryItems<ParameterName>

    init() {}

    /// - Parameter query: what stands behind the `?` of a URL, nil if there is none.
    /// - Throws: a 400 that names the first parameter that is wrong.
    init(query: String?) throws(Problem) {
        guard let query else { return }
        var filterBytes = 0
        var items = Items(query)
        while let (name, value) = try items.next() {
            try set(name, value)
            switch name {
            case .type, .reason, .kind, .component, .name, .q: filterBytes += value.utf8.count
            case .limit, .continue, .perCluster, .since, .until, .view, .order: break
            }
            guard filterBytes <= Self.mostFilterBytes else {
                throw .parameter(name, "The filters are longer than \(Self.mostFilterBytes) bytes together.")
            }
        }
        try checkTogether()
    }

    private mutating func set(_ name: ParameterName, _ value: String) throws(Problem) {
        switch name {
        case .limit: try Items.once(&limit, try Items.number(value, of: name, in: Self.limits), name)
        case .continue: try Items.once(&continuation, value, name)
        case .perCluster:
            try Items.once(&perCluster, try Items.number(value, of: name, in: Self.perClusterLimits), name)
        case .since: try Items.once(&since, try Items.bound(value, of: name), name)
        case .until: try Items.once(&until, try Items.bound(value, of: name), name)
        case .type: try Items.append(value, to: &types, name)
        case .reason: try Items.append(value, to: &reasons, name)
        case .kind: try Items.append(value, to: &kinds, name)
        case .component: try Items.append(value, to: &components, name)
        case .name: try Items.once(&self.name, value, name)
        case .q: try Items.once(&text, value, name)
        case .view:
            guard let view = EventQuery.View(rawValue: value) else {
                throw .parameter(name, "The view \(value.quoted) is neither observations nor latest.")
            }
            try Items.once(&self.view, view, name)
        case .order:
            guard let order = EventQuery.Order(rawValue: value) else {
                throw .parameter(name, "The order \(value.quoted) is neither desc nor asc.")
            }
            try Items.once(&self.order, order, name)
        }
    }

    private func checkTogether() throws(Problem) {
        guard perCluster != nil, !asksForEachCluster else { return }
        throw .parameter(
            .perCluster,
            "perCluster stands alone: with any other parameter all clusters are one stream. Use limit there."
        )
    }
}
