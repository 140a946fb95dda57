import Foundation
import JWTKit
import Synchronization

/// An OpenID provider: its configuration, and its keys, which rotate as a test says.
public final class FakeIssuer: Sendable {
    private struct State {
        var keys: [SigningKey] = []
        var isAway = false
        /// What it calls itself; nil for what it is.
        var name: String?
        /// A JWK Set in place of the keys' own.
        var jwks: String?
        var address = ""
    }

    private let state: Mutex<State>

    /// An issuer with these keys.
    public init(_ keys: [SigningKey]) {
        state = Mutex(State(keys: keys))
    }

    /// Runs a server with it while `body` runs; gets the issuer's URL.
    public func run<Result: Sendable>(
        tls: ScriptedHTTPServer.TLS? = nil,
        while body: @Sendable (String, ScriptedHTTPServer) async throws -> Result
    ) async throws -> Result {
        try await ScriptedHTTPServer.run(tls: tls) {
            await self.answer($0)
        } while: { server in
            state.withLock { $0.address = server.url }
            return try await body(server.url, server)
        }
    }

    /// Publishes other keys.
    public func rotate(to keys: [SigningKey]) { state.withLock { $0.keys = keys } }
    /// Whether it answers with 503.
    public func setAway(_ isAway: Bool) { state.withLock { $0.isAway = isAway } }
    /// What it calls itself.
    public func setName(_ name: String?) { state.withLock { $0.name = name } }
    /// A JWK Set in place of the keys' own.
    public func setJWKS(_ text: String?) { state.withLock { $0.jwks = text } }

    private func answer(_ request: ScriptedHTTPServer.Request) async -> [ScriptedHTTPServer.Step] {
        let now = state.withLock { $0 }
        guard !now.isAway else { return [.answer("503 Service Unavailable")] }
        let json = ["Content-Type: application/json"]
        switch request.uri {
        case "/.well-known/openid-configuration":
            let body = #"{"issuer":"\#(now.name ?? now.address)","jwks_uri":"\#(now.address)/keys"}"#
            return [.answer("200 OK", json, body: Array(body.utf8))]
        case "/keys":
            let body = now.jwks ?? #"{"keys":[\#(now.keys.map(\.jwk).joined(separator: ","))]}"#
            return [.answer("200 OK", json, body: Array(body.utf8))]
        default:
            return [.answer("404 Not Found")]
        }
    }
}

/// A private key that signs tokens, and what the issuer publishes of it.
public struct SigningKey: Sendable {
    /// `kid`.
    public let id: String
    /// `alg`.
    public let algorithm: String
    /// The public key as a JWK.
    public let jwk: String
    private let signer: any JWTAlgorithm

    /// An elliptic key on P-256.
    public static func es256(_ id: String) async throws -> SigningKey {
        let key = ES256PrivateKey()
        let collection = await JWTKeyCollection().add(ecdsa: key, kid: "k")
        guard let (x, y) = key.parameters else { throw CocoaError(.coderInvalidValue) }
        return SigningKey(
            id: id,
            algorithm: "ES256",
            jwk: #"{"kty":"EC","crv":"P-256","use":"sig","kid":"\#(id)","x":"\#(x.urlSafe)","y":"\#(y.urlSafe)"}"#,
            signer: try await collection.getKey(for: "k")
        )
    }

    /// An Ed25519 key.
    public static func eddsa(_ id: String) async throws -> SigningKey {
        let key = try EdDSA.PrivateKey()
        let collection = await JWTKeyCollection().add(eddsa: key, kid: "k")
        let x = key.publicKey.rawRepresentation.base64EncodedString().urlSafe
        return SigningKey(
            id: id,
            algorithm: "EdDSA",
            jwk: #"{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"\#(id)","x":"\#(x)"}"#,
            signer: try await collection.getKey(for: "k")
        )
    }

    /// An RSA key of 2048 bits, made by the `openssl` command.
    /// - Parameter isPSS: PS256 in place of RS256.
    public static func rsa(_ id: String, isPSS: Bool = false) async throws -> SigningKey {
        let key = try Insecure.RSA.PrivateKey(pem: try rsaPEM.get())
        let keys = JWTKeyCollection()
        if isPSS {
            await keys.add(pss: key, digestAlgorithm: .sha256, kid: "k")
        } else {
            await keys.add(rsa: key, digestAlgorithm: .sha256, kid: "k")
        }
        let (n, e) = try key.publicKey.getKeyPrimitives()
        return SigningKey(
            id: id,
            algorithm: isPSS ? "PS256" : "RS256",
            jwk: #"{"kty":"RSA","use":"sig","kid":"\#(id)","n":"\#(n.base64EncodedString().urlSafe)","#
                + #""e":"\#(e.base64EncodedString().urlSafe)"}"#,
            signer: try await keys.getKey(for: "k")
        )
    }

    /// The public half of the RSA keys in PEM, as an attacker knows it.
    public static func rsaPublicPEM() throws -> String {
        try Insecure.RSA.PrivateKey(pem: try rsaPEM.get()).publicKey.pemRepresentation
    }

    private static let rsaPEM = Result {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["openssl", "genrsa", "2048"]
        let (output, errors) = (Pipe(), Pipe())
        (process.standardOutput, process.standardError) = (output, errors)
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: text, as: UTF8.self)
    }

    /// A token with these claims, as JSON.
    ///
    /// - Parameter header: in place of the right one.
    public func token(_ claims: String, header: String? = nil) throws -> String {
        let header = header ?? #"{"alg":"\#(algorithm)","typ":"JWT","kid":"\#(id)"}"#
        let signed = "\(SigningKey.base64URL(header)).\(SigningKey.base64URL(claims))"
        let signature = try signer.sign(Array(signed.utf8))
        return "\(signed).\(Data(signature).base64EncodedString().urlSafe)"
    }

    /// Text as a part of a token.
    public static func base64URL(_ text: String) -> String { Data(text.utf8).base64EncodedString().urlSafe }
}

extension String {
    fileprivate var urlSafe: String {
        replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }
}
