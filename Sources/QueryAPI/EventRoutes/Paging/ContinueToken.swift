internal import EventReader

/// What a page's `continue` carries to the next: the question as page one understood it, and where to go on.
///
/// It holds no secret and grants nothing: the scope is always that of the path, the token only has to agree with it.
struct ContinueToken: Equatable, Sendable {
    /// Longest text that is read. What is written stays far below: filters are bounded when they are parsed.
    static let longestText = 6_000
    /// Bytes of all kinds that a question may stand for, so that its token fits into a URL.
    static let mostKindBytes = 1_536

    /// The range and the filters, times absolute and kinds resolved.
    var query: EventQuery
    /// How `since`, `until` and the kinds were written, to see whether a later page contradicts.
    var since: String?
    var until: String?
    var kinds: [String]
    var cursor: EventCursor

    /// - Throws: a 400 for the first parameter that says something else than this token.
    func check(_ parameters: EventParameters) throws(Problem) {
        try Self.check(parameters.since, against: since, query.since, .since)
        try Self.check(parameters.until, against: until, query.until, .until)
        try Self.check(parameters.types, against: query.types, .type)
        try Self.check(parameters.reasons, against: query.reasons, .reason)
        try Self.check(parameters.kinds.map { $0.lowercased() }, against: kinds.map { $0.lowercased() }, .kind)
        try Self.check(parameters.components, against: query.components, .component)
        if let text = parameters.text, text != query.text { throw Self.contradiction(.q) }
        if let view = parameters.view, view != query.view { throw Self.contradiction(.view) }
        if let name = parameters.name, name != query.name { throw Self.contradiction(.name) }
        if let order = parameters.order, order != query.order { throw Self.contradiction(.order) }
    }

    private static func check(
        _ bound: TimeBound?,
        against text: String?,
        _ pinned: Int64?,
        _ name: ParameterName
    ) throws(Problem) {
        guard let bound, bound.text != text else { return }
        if case .at(let moment) = bound.meaning, moment == pinned { return }
        throw contradiction(name)
    }

    private static func check(
        _ values: [String],
        against pinned: [String],
        _ name: ParameterName
    ) throws(Problem) {
        guard values.isEmpty || Set(values) == Set(pinned) else { throw contradiction(name) }
    }

    private static func contradiction(_ name: ParameterName) -> Problem {
        .parameter(
            name,
            "\(name.rawValue) contradicts the continue token, which pins what page one asked. Leave it out, or start "
                + "again without continue."
        )
    }
}
