internal import Access
internal import EventReader

extension ContinueToken {
    /// A form that is no longer understood is refused as garbage is.
    private static let version: UInt8 = 2

    /// The text for `metadata.continue`: base64url of a version, a fingerprint of the path, the fields, a checksum.
    func text(for path: EventPath) -> String {
        var writer = TokenWriter()
        writer.write(Self.version)
        writer.write(Fingerprint(path.parts).value)
        writer.write(UInt64(bitPattern: cursor.time))
        writer.write(UInt64(bitPattern: cursor.id))
        writer.write(query.order == .newestFirst ? 0 : 1 as UInt8)
        writer.write(query.since.map { UInt64(bitPattern: $0) }) { $0.write($1) }
        writer.write(since) { $0.write($1) }
        writer.write(query.until.map { UInt64(bitPattern: $0) }) { $0.write($1) }
        writer.write(until) { $0.write($1) }
        writer.write(query.types) { $0.write($1) }
        writer.write(query.reasons) { $0.write($1) }
        writer.write(kinds) { $0.write($1) }
        writer.write(query.kinds) {
            $0.write($1.kind)
            $0.write($1.group) { $0.write($1) }
        }
        writer.write(query.name) { $0.write($1) }
        writer.write(query.components) { $0.write($1) }
        writer.write(query.text) { $0.write($1) }
        writer.write(query.view == .observations ? 0 : 1 as UInt8)
        writer.write(cursor.snapshot) {
            $0.write(UInt64(bitPattern: $1.next))
            $0.write($1.inProgress) { $0.write(UInt64(bitPattern: $1)) }
        }
        writer.write(cursor.remaining) { $0.write(UInt64(bitPattern: $1)) }
        writer.write(Fingerprint(bytes: writer.bytes).value)
        return Base64URL.encode(writer.bytes)
    }

    /// Reads a token that was given for the same path.
    /// - Parameter scope: that of the path.
    /// - Throws: a 400 for garbage, and for a token of another route or scope.
    init(_ text: String, for path: EventPath, scope: EventQuery.Scope) throws(Problem) {
        guard let bytes = Base64URL.decode(text), bytes.count > 8 else { throw .brokenToken }
        var reader = TokenReader(bytes)
        let token: ContinueToken
        let fingerprint: UInt64
        do {
            guard try reader.byte() == Self.version else { throw TokenReader.Failure() }
            fingerprint = try reader.integer()
            let (time, id) = (Int64(bitPattern: try reader.integer()), Int64(bitPattern: try reader.integer()))
            var query = EventQuery(scope)
            query.order = try reader.flag() ? .oldestFirst : .newestFirst
            query.since = try reader.optional { Int64(bitPattern: try $0.integer()) }
            let since = try reader.optional { try $0.string() }
            query.until = try reader.optional { Int64(bitPattern: try $0.integer()) }
            let until = try reader.optional { try $0.string() }
            query.types = try reader.list { try $0.string() }
            query.reasons = try reader.list { try $0.string() }
            let kinds = try reader.list { try $0.string() }
            query.kinds = try reader.list {
                KindReference(kind: try $0.string(), group: try $0.optional { try $0.string() })
            }
            query.name = try reader.optional { try $0.string() }
            query.components = try reader.list { try $0.string() }
            query.text = try reader.optional { try $0.string() }
            query.view = try reader.flag() ? .latest : .observations
            let snapshot = try reader.optional { try $0.snapshot() }
            let remaining = try reader.optional { Int64(bitPattern: try $0.integer()) }
            let checksum = Fingerprint(bytes: bytes.dropLast(8)).value
            guard try reader.integer() == checksum, reader.isAtEnd else { throw TokenReader.Failure() }
            let cursor = EventCursor(time: time, id: id, snapshot: snapshot, remaining: remaining)
            token = ContinueToken(query: query, since: since, until: until, kinds: kinds, cursor: cursor)
        } catch {
            throw .brokenToken
        }
        guard fingerprint == Fingerprint(path.parts).value else {
            throw .tokenOfAnotherRoute
        }
        self = token
    }
}

extension TokenReader {
    fileprivate mutating func snapshot() throws -> ArchiveSnapshot {
        let next = Int64(bitPattern: try integer())
        let inProgress = try list { Int64(bitPattern: try $0.integer()) }
        guard let snapshot = ArchiveSnapshot(next: next, inProgress: inProgress) else { throw Failure() }
        return snapshot
    }
}

extension Problem {
    static let tokenOfAnotherRoute = Problem.parameter(
        .continue,
        "The continue token is of another route: use it with the path that gave it."
    )

    static let brokenToken = Problem.parameter(
        .continue,
        "The continue token is damaged, or of a version that is no longer known. Start again without it."
    )
}

/// FNV-1a, 64 bits: the same in every process; it finds mistakes, it does not keep anyone from making a token.
struct Fingerprint: Equatable {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    init(bytes: some Sequence<UInt8>) {
        for byte in bytes { add(byte) }
    }

    /// Of texts in order, each kept apart from the next.
    init(_ texts: [String]) {
        for text in texts {
            for byte in text.utf8 { add(byte) }
            add(0)
        }
    }

    private mutating func add(_ byte: UInt8) {
        value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
    }
}
