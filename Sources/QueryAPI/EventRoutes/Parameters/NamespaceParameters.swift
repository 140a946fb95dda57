/// The query of the route that lists a cluster's namespaces, decoded and checked.
struct NamespaceParameters: Equatable, Sendable {
    enum Name: String, QueryName {
        case limit, `continue`

        var longestValue: Int {
            switch self {
            case .limit: EventParameters.longestValue
            case .continue: NamespaceToken.longestText
            }
        }
    }

    static let limits = 1...10_000
    /// Nearly every cluster is one page; those that make a namespace for each run of a pipeline are not.
    static let defaultLimit = 1_000

    /// Nil: not given.
    var limit: Int?
    var continuation: String?

    /// - Parameter query: what stands behind the `?` of a URL, nil if there is none.
    /// - Throws: a 400 that names the first parameter that is wrong.
    init(query: String?) throws(Problem) {
        guard let query else { return }
        var items = QueryItems<Name>(query)
        while let (name, value) = try items.next() {
            switch name {
            case .limit:
                try QueryItems.once(&limit, try QueryItems.number(value, of: name, in: Self.limits), name)
            case .continue:
                try QueryItems.once(&continuation, value, name)
            }
        }
    }
}
