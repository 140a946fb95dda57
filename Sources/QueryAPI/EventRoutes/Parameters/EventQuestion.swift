internal import EventReader

/// A request for a page, understood: what to ask of the archive.
struct EventQuestion: Equatable, Sendable {
    var query: EventQuery
    /// Where to go on; nil for page one.
    var cursor: EventCursor?
    var limit: Int
    /// As written, for the next token.
    var since: String?
    var until: String?
    var kinds: [String] = []

    /// The token of the page behind this one.
    func token(next cursor: EventCursor) -> ContinueToken {
        ContinueToken(query: query, since: since, until: until, kinds: kinds, cursor: cursor)
    }

    /// A later page: everything is as the token says.
    /// - Throws: a 400 when the token does not belong to the path, or a parameter contradicts it.
    init(continuing token: String, _ path: EventPath, _ parameters: EventParameters) throws(Problem) {
        let token = try ContinueToken(token, for: path, scope: path.scope)
        try token.check(parameters)
        query = token.query
        cursor = token.cursor
        limit = parameters.limit ?? EventParameters.defaultLimit
        (since, until, kinds) = (token.since, token.until, token.kinds)
    }

    /// Page one.
    /// - Parameters:
    ///   - kindsOfPath: what the part of the path that may be a kind means; nil if it is none.
    ///   - kindsOfParameters: what each `kind` means; nil for one that is none.
    ///   - now: microseconds since 1970, for durations.
    /// - Throws: a 400 when a parameter contradicts another, or the path.
    init(
        _ path: EventPath,
        _ parameters: EventParameters,
        kindsOfPath: [KindReference]?,
        kindsOfParameters: [[KindReference]?],
        now: Int64
    ) throws(Problem) {
        query = EventQuery(path.scope)
        query.order = parameters.order ?? .newestFirst
        query.types = parameters.types
        query.reasons = parameters.reasons
        query.components = parameters.components
        query.text = parameters.text
        query.view = parameters.view ?? .observations
        query.since = parameters.since?.microseconds(now: now)
        query.until = parameters.until?.microseconds(now: now)
        query.name = parameters.name
        // A kind that nothing is known of is asked for as it stands, and selects nothing.
        query.kinds =
            zip(parameters.kinds, kindsOfParameters)
            .flatMap { text, kinds in kinds ?? [KindReference(kind: text)] }
            .withoutDoubles
        limit = parameters.limit ?? EventParameters.defaultLimit
        (since, until, kinds) = (parameters.since?.text, parameters.until?.text, parameters.kinds)

        if let since = query.since, let until = query.until, since >= until {
            throw .parameter(.since, "since is not before until, so that no event can lie between them.")
        }
        switch path {
        case .everything, .cluster, .namespace: break
        case .resource(_, _, let resource):
            if let kindsOfPath {
                try narrow(toKinds: kindsOfPath)
            } else {
                try narrow(toName: resource)
            }
        case .object(_, _, let kind, let name):
            try narrow(toKinds: kindsOfPath ?? [KindReference(kind: kind)])
            try narrow(toName: name)
        }
        let kindBytes = query.kinds.reduce(0) { $0 + $1.kind.utf8.count + ($1.group?.utf8.count ?? 0) + 5 }
        guard kindBytes <= ContinueToken.mostKindBytes, query.kinds.count <= 255 else {
            throw .parameter(.kind, "The kinds stand for too many kinds of the archive. Ask for fewer.")
        }
    }

    private mutating func narrow(toKinds kinds: [KindReference]) throws(Problem) {
        guard !query.kinds.isEmpty else {
            query.kinds = kinds
            return
        }
        query.kinds = kinds.intersection(query.kinds)
        guard !query.kinds.isEmpty else { throw .parameter(.kind, "kind contradicts the kind in the path.") }
    }

    private mutating func narrow(toName name: String) throws(Problem) {
        guard query.name == nil || query.name == name else {
            throw .parameter(.name, "name contradicts the name in the path.")
        }
        query.name = name
    }
}

extension EventPath {
    var scope: EventQuery.Scope {
        switch self {
        case .everything: .everything
        case .cluster(let cluster): .cluster(cluster)
        case .namespace(let cluster, let namespace), .resource(let cluster, let namespace, _),
            .object(let cluster, let namespace, _, _):
            .namespace(cluster: cluster, namespace: namespace)
        }
    }

    /// The part that is, or may be, a kind.
    var kind: String? {
        switch self {
        case .everything, .cluster, .namespace: nil
        case .resource(_, _, let resource): resource
        case .object(_, _, let kind, _): kind
        }
    }
}
