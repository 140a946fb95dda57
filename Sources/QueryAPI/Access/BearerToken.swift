internal import Crypto

/// What a client shows to make itself known. It is never printed.
public struct BearerToken: Sendable, CustomStringConvertible, CustomReflectable {
    /// SHA-256 of a token: what caches and files know tokens by.
    struct Digest: Sendable, Hashable {
        private let words: (UInt64, UInt64, UInt64, UInt64)

        init(_ text: String) {
            self.init(bytes: Array(SHA256.hash(data: Array(text.utf8))))
        }

        /// - Parameter bytes: 32 of them.
        init(bytes: [UInt8]) {
            func word(_ index: Int) -> UInt64 {
                bytes[(index * 8)..<(index * 8 + 8)].reduce(0) { $0 << 8 | UInt64($1) }
            }
            words = (word(0), word(1), word(2), word(3))
        }

        /// In a time that does not depend on where the two differ.
        static func == (one: Digest, other: Digest) -> Bool {
            (one.words.0 ^ other.words.0) | (one.words.1 ^ other.words.1) | (one.words.2 ^ other.words.2)
                | (one.words.3 ^ other.words.3) == 0
        }

        func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
    }

    /// The secret.
    let text: String
    let digest: Digest

    /// - Parameter text: as it stands behind `Bearer`.
    init(_ text: String) {
        (self.text, digest) = (text, Digest(text))
    }

    /// Out of an `Authorization` field.
    ///
    /// - Parameter field: its value; nil if the request has none.
    /// - Throws: a 401 when there is none, or one of another kind.
    init(authorization field: String?) throws(AccessError) {
        guard let field else {
            throw .noToken("This needs a bearer token: send 'Authorization: Bearer <token>'.")
        }
        let scheme = field.prefix { $0 != " " }
        let text = field[scheme.endIndex...].drop { $0 == " " }
        guard scheme.lowercased() == "bearer" else {
            throw .noToken("Only bearer tokens are taken: send 'Authorization: Bearer <token>'.")
        }
        // RFC 6750's b64token, which two fields that were put together with a comma are not.
        let isToken = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="):
                true
            default: false
            }
        }
        guard !text.isEmpty, isToken else { throw .invalidToken("What stands behind Bearer is no token.") }
        self.init(String(text))
    }

    /// `***`.
    public var description: String { "***" }

    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
