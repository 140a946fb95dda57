internal import Access

/// What a page of namespaces carries to the next: the last name on it.
struct NamespaceToken: Equatable, Sendable {
    /// Longest text that is read: a name of 256 bytes, the longest that the archive holds, and 19 around it.
    static let longestText = 512

    private static let version: UInt8 = 1

    let name: String

    init(name: String) {
        self.name = name
    }

    /// The text for `metadata.continue`: base64url of a version, a fingerprint of the cluster, the name, a checksum.
    func text(for cluster: String) -> String {
        var writer = TokenWriter()
        writer.write(Self.version)
        writer.write(Fingerprint([cluster]).value)
        writer.write(name)
        writer.write(Fingerprint(bytes: writer.bytes).value)
        return Base64URL.encode(writer.bytes)
    }

    /// Reads a token that was given for the same cluster.
    /// - Throws: a 400 for all else.
    init(_ text: String, for cluster: String) throws(Problem) {
        guard let bytes = Base64URL.decode(text), bytes.count > 8 else { throw .brokenToken }
        var reader = TokenReader(bytes)
        let fingerprint: UInt64
        do {
            guard try reader.byte() == Self.version else { throw TokenReader.Failure() }
            fingerprint = try reader.integer()
            name = try reader.string()
            let checksum = Fingerprint(bytes: bytes.dropLast(8)).value
            guard try reader.integer() == checksum, reader.isAtEnd else { throw TokenReader.Failure() }
        } catch {
            throw .brokenToken
        }
        guard fingerprint == Fingerprint([cluster]).value else { throw .tokenOfAnotherRoute }
    }
}
