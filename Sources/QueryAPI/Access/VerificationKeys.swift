internal import FoundationEssentials
internal import JSON
internal import JWTKit

/// The public keys of a provider, out of its JWK Set.
struct VerificationKeys: Sendable {
    private struct Key: Sendable {
        let id: String?
        /// Each with the one algorithm that it checks.
        let verifiers: [SignatureAlgorithm: any JWTAlgorithm]
    }

    struct Malformed: Error { let reason: String }

    /// Providers have a handful; each token without a `kid` may be tried with all that fit.
    static let mostKeys = 64

    private let keys: [Key]

    /// No key, before the first were fetched.
    init() { keys = [] }

    /// Keys of kinds that are not known, for encryption, or broken are passed over: RFC 7517 section 5 wants it so, and
    /// one of them must not take the others away.
    init(parsing body: [UInt8]) async throws(Malformed) {
        guard let root = try? JSONDocument(parsing: body, limits: JSONLimits(length: body.count, depth: 32)).root,
            let list = root["keys"], list.kind == .array
        else { throw Malformed(reason: "the answer is no JWK Set") }
        var keys: [Key] = []
        for value in list.elements.prefix(Self.mostKeys) {
            if let key = await Self.key(value) { keys.append(key) }
        }
        guard !keys.isEmpty else { throw Malformed(reason: "the JWK Set holds no key that signs tokens") }
        self.keys = keys
    }

    private static func key(_ value: JSONValue) async -> Key? {
        guard let type = value["kty"]?.string, value["use"].map({ $0.string == "sig" }) ?? true else { return nil }
        if let operations = value["key_ops"], !operations.elements.contains(where: { $0.string == "verify" }) {
            return nil
        }
        let declared = value["alg"]?.string
        let curve = value["crv"]?.string
        var verifiers: [SignatureAlgorithm: any JWTAlgorithm] = [:]
        for algorithm in SignatureAlgorithm.allCases where declared == nil || declared == algorithm.rawValue {
            guard algorithm.key.type == type, algorithm.key.curve == nil || algorithm.key.curve == curve,
                let verifier = await verifier(algorithm, value)
            else { continue }
            verifiers[algorithm] = verifier
        }
        return verifiers.isEmpty ? nil : Key(id: value["kid"]?.string, verifiers: verifiers)
    }

    /// A collection for each key and algorithm: in a larger one JWTKit takes its default key for an unknown `kid`, and
    /// remembers the first algorithm of a key that declares none.
    private static func verifier(_ algorithm: SignatureAlgorithm, _ value: JSONValue) async -> (any JWTAlgorithm)? {
        let id = JWKIdentifier(string: "key")
        let (x, y) = (value["x"]?.string, value["y"]?.string)
        let jwk =
            switch algorithm {
            case .rs256, .rs384, .rs512, .ps256, .ps384, .ps512:
                JWK.rsa(algorithm.jwk, identifier: id, modulus: value["n"]?.string, exponent: value["e"]?.string)
            case .es256: JWK.ecdsa(.es256, identifier: id, x: x, y: y, curve: .p256)
            case .es384: JWK.ecdsa(.es384, identifier: id, x: x, y: y, curve: .p384)
            case .es512: JWK.ecdsa(.es512, identifier: id, x: x, y: y, curve: .p521)
            case .eddsa: JWK.octetKeyPair(.eddsa, identifier: id, x: x, y: nil, curve: .ed25519)
            }
        return try? await JWTKeyCollection().add(jwk: jwk).getKey(for: id)
    }

    /// Whether a key of that name is known; a token without one may be anyone's.
    func knows(_ id: String?) -> Bool {
        id.map { id in keys.contains { $0.id == id } } ?? false
    }

    /// Whether one of the keys signed it.
    func verify(_ token: JSONWebToken) -> Bool {
        keys.contains { key in
            guard token.keyID == nil || key.id == token.keyID, let verifier = key.verifiers[token.algorithm] else {
                return false
            }
            return (try? verifier.verify(token.signature, signs: token.signedPart)) ?? false
        }
    }
}
