internal import Coverage

/// The query of the coverage route, decoded and checked.
struct CoverageParameters: Equatable, Sendable {
    enum Name: String, QueryName {
        case since, until, namespace

        var longestValue: Int { EventParameters.longestValue }
    }

    var range = CoverageRange()
    /// Nil: all that is watched.
    var namespace: String?

    /// - Parameters:
    ///   - query: what stands behind the `?` of a URL, nil if there is none.
    ///   - now: microseconds since 1970, for durations.
    /// - Throws: a 400 that names the first parameter that is wrong.
    init(query: String?, now: Int64) throws(Problem) {
        guard let query else { return }
        var items = QueryItems<Name>(query)
        while let (name, value) = try items.next() {
            switch name {
            case .since:
                let bound = try QueryItems.bound(value, of: name)
                try QueryItems.once(&range.since, bound.microseconds(now: now), name)
            case .until:
                let bound = try QueryItems.bound(value, of: name)
                try QueryItems.once(&range.until, bound.microseconds(now: now), name)
            case .namespace:
                try QueryItems.once(&namespace, value, name)
            }
        }
        if let since = range.since, let until = range.until, since >= until {
            throw .parameter(Name.since.rawValue, "since is not before until, so that no time lies between them.")
        }
    }
}
