internal import Access
internal import EventReader

/// What a timeline's `continue` carries to the next page: the question as page one understood it, what was recorded of
/// owners by then, and where to go on. It grants nothing, as `ContinueToken`.
struct TimelineToken: Equatable, Sendable {
    /// The range, the filters, the kinds and `recordedUntil`.
    var query: TimelineQuery
    /// As they were written, to see whether a later page contradicts.
    var since: String?
    var until: String?
    var cursor: EventCursor

    /// - Throws: a 400 for the first parameter that says something else than this token.
    func check(_ parameters: TimelineParameters) throws(Problem) {
        try Self.check(parameters.since, against: since, query.since, .since)
        try Self.check(parameters.until, against: until, query.until, .until)
        guard parameters.types.isEmpty || Set(parameters.types) == Set(query.types) else {
            throw Self.contradiction(.type)
        }
        guard parameters.reasons.isEmpty || Set(parameters.reasons) == Set(query.reasons) else {
            throw Self.contradiction(.reason)
        }
        if let order = parameters.order, order != query.order { throw Self.contradiction(.order) }
    }

    private static func check(
        _ bound: TimeBound?,
        against text: String?,
        _ pinned: Int64?,
        _ name: TimelineParameters.Name
    ) throws(Problem) {
        guard let bound, bound.text != text else { return }
        if case .at(let moment) = bound.meaning, moment == pinned { return }
        throw contradiction(name)
    }

    private static func contradiction(_ name: TimelineParameters.Name) -> Problem {
        .parameter(
            name.rawValue,
            "\(name.rawValue) contradicts the continue token, which pins what page one asked. Leave it out, or start "
                + "again without continue."
        )
    }
}

extension TimelineToken {
    /// A form that is no longer understood is refused as garbage is. Not a number that a `ContinueToken` has.
    private static let version: UInt8 = 0x54

    /// The text for `metadata.continue`: base64url of a version, a fingerprint of the path, the fields, a checksum.
    func text(for path: TimelinePath) -> String {
        var writer = TokenWriter()
        writer.write(Self.version)
        writer.write(Fingerprint(path.parts).value)
        writer.write(UInt64(bitPattern: cursor.time))
        writer.write(UInt64(bitPattern: cursor.id))
        writer.write(query.order == .newestFirst ? 0 : 1 as UInt8)
        writer.write(UInt64(bitPattern: query.recordedUntil ?? 0))
        writer.write(query.since.map { UInt64(bitPattern: $0) }) { $0.write($1) }
        writer.write(since) { $0.write($1) }
        writer.write(query.until.map { UInt64(bitPattern: $0) }) { $0.write($1) }
        writer.write(until) { $0.write($1) }
        writer.write(query.types) { $0.write($1) }
        writer.write(query.reasons) { $0.write($1) }
        writer.write(query.kinds) {
            $0.write($1.kind)
            $0.write($1.group) { $0.write($1) }
        }
        writer.write(Fingerprint(bytes: writer.bytes).value)
        return Base64URL.encode(writer.bytes)
    }

    /// Reads a token that was given for the same path.
    /// - Throws: a 400 for garbage, and for a token of another path.
    init(_ text: String, for path: TimelinePath) throws(Problem) {
        guard let bytes = Base64URL.decode(text), bytes.count > 8 else { throw .brokenTimelineToken }
        var reader = TokenReader(bytes)
        let fingerprint: UInt64
        do {
            guard try reader.byte() == Self.version else { throw TokenReader.Failure() }
            fingerprint = try reader.integer()
            cursor = EventCursor(
                time: Int64(bitPattern: try reader.integer()),
                id: Int64(bitPattern: try reader.integer())
            )
            query = TimelineQuery(cluster: path.cluster, namespace: path.namespace, kinds: [], name: path.name)
            query.order = try reader.flag() ? .oldestFirst : .newestFirst
            query.recordedUntil = Int64(bitPattern: try reader.integer())
            query.since = try reader.optional { Int64(bitPattern: try $0.integer()) }
            since = try reader.optional { try $0.string() }
            query.until = try reader.optional { Int64(bitPattern: try $0.integer()) }
            until = try reader.optional { try $0.string() }
            query.types = try reader.list { try $0.string() }
            query.reasons = try reader.list { try $0.string() }
            query.kinds = try reader.list {
                KindReference(kind: try $0.string(), group: try $0.optional { try $0.string() })
            }
            let checksum = Fingerprint(bytes: bytes.dropLast(8)).value
            guard try reader.integer() == checksum, reader.isAtEnd else { throw TokenReader.Failure() }
        } catch {
            throw .brokenTimelineToken
        }
        guard fingerprint == Fingerprint(path.parts).value else {
            throw .parameter(
                TimelineParameters.Name.continue.rawValue,
                "The continue token is of another route: use it with the path that gave it."
            )
        }
    }
}

extension Problem {
    fileprivate static let brokenTimelineToken = Problem.parameter(
        TimelineParameters.Name.continue.rawValue,
        "The continue token is damaged, or of a version that is no longer known. Start again without it."
    )
}
