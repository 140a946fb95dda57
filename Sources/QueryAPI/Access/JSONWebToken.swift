internal import JSON

/// A signed token in its compact form, taken apart and not believed yet. Source: RFC 7515 section 7.1.
struct JSONWebToken: Sendable {
    enum Failure: Error, Equatable {
        /// Not three parts of base64url with JSON in the first two: another kind of token.
        case notAToken
        /// Signed in a way that is not taken, `none` included.
        case algorithm
        /// It demands what is not known here (`crit`).
        case criticalExtension
    }

    let algorithm: SignatureAlgorithm
    /// `kid`: which key signed it.
    let keyID: String?
    /// `iss`, to see whose it is before its signature is checked; to be believed afterwards only.
    var claimedIssuer: String? { claims["iss"]?.string }
    let claims: JSONValue
    let signature: [UInt8]
    /// What was signed.
    let signedPart: [UInt8]

    /// - Parameter text: of at most 16 KiB, as headers have it.
    init(parsing text: String) throws(Failure) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let headerBytes = Base64URL.decode(parts[0]),
            let claimBytes = Base64URL.decode(parts[1]), let signature = Base64URL.decode(parts[2]),
            let header = Self.object(headerBytes), let claims = Self.object(claimBytes)
        else { throw .notAToken }
        guard let name = header["alg"]?.string, let algorithm = SignatureAlgorithm(rawValue: name) else {
            throw .algorithm
        }
        guard header["crit"] == nil else { throw .criticalExtension }
        self.algorithm = algorithm
        keyID = header["kid"]?.string
        self.claims = claims
        self.signature = signature
        signedPart = Array("\(parts[0]).\(parts[1])".utf8)
    }

    private static func object(_ bytes: [UInt8]) -> JSONValue? {
        guard let root = try? JSONDocument(parsing: bytes, limits: JSONLimits(length: bytes.count, depth: 32)).root,
            root.kind == .object
        else { return nil }
        return root
    }
}
