internal import HTTPTransfer

/// What requests show the API server, kept fresh: a bearer token, a client certificate, or both. Never logged, never in
/// an error.
///
/// Files are looked at before each request, and after a 401 they are read whatever they look like. A client
/// certificate that stands in files is handed to libcurl as the bytes that were read, not as paths: libcurl takes
/// connections and TLS sessions for the same if the paths are, and would go on with the certificate of yesterday for as
/// long as the server lets it. With other bytes, the next request makes a connection of its own.
final class Credentials: Sendable {
    private enum Token: Sendable {
        case none
        case fixed(String)
        case file(RotatingFile<String>, fallback: String?)
        case plugin(PluginCredentials)
    }

    /// A certificate or a key.
    private enum Material: Sendable {
        case pem([UInt8])
        case file(RotatingFile<[UInt8]>)
    }

    private let token: Token
    private let certificate: Material?
    private let key: Material?

    /// - Parameter tls: says where the client certificate comes from, if there is one.
    init(_ source: TokenSource, tls: TLSOptions = TLSOptions()) {
        switch source {
        case .none: token = .none
        case .fixed(let text): token = .fixed(text)
        case .file(let path, let fallback):
            let file = RotatingFile(path, name: "the token file") { content throws(CredentialsError) in
                try Self.checked(String(decoding: content, as: UTF8.self).trimmingASCIIWhitespace(), from: path)
            }
            token = .file(file, fallback: fallback)
        case .plugin(let plugin): token = .plugin(PluginCredentials(plugin))
        }
        certificate = tls.clientCertificate.map { Self.material($0, name: "the client certificate") }
        key = tls.clientKey.map { Self.material($0, name: "the client key") }
    }

    /// What a request made now is to show.
    ///
    /// - Throws: `CredentialsError` if there are no credentials to be had.
    func current(now: ContinuousClock.Instant = .now) async throws(CredentialsError) -> RequestCredentials {
        var result = RequestCredentials()
        switch token {
        case .none: break
        case .fixed(let token): result.token = try Self.checked(token, from: "the kubeconfig's token")
        case .file(let file, let fallback): result.token = try await file.value(fallback: fallback, now: now)
        case .plugin(let plugin):
            let (credential, generation) = try await plugin.current()
            result.token = credential.token
            result.certificate = credential.certificate
            result.generation = generation
        }
        if let certificate {
            var pair = ClientCertificate(certificate: try await Self.bytes(of: certificate, now))
            if let key { pair.key = try await Self.bytes(of: key, now) }
            result.certificate = pair
        }
        return result
    }

    /// To be called after a 401 with what the request had shown: the next one reads the files again, or runs the plugin
    /// again if nobody has since.
    func refused(_ credentials: RequestCredentials) {
        switch token {
        case .none, .fixed: break
        case .file(let file, _): file.expire()
        case .plugin(let plugin): plugin.refused(generation: credentials.generation)
        }
        for material in [certificate, key] {
            if case .file(let file) = material { file.expire() }
        }
    }

    private static func material(_ source: TLSOptions.Source, name: String) -> Material {
        switch source {
        case .pem(let bytes): .pem(bytes)
        case .file(let path):
            .file(
                RotatingFile(path, name: name) { content throws(CredentialsError) in
                    guard String(decoding: content, as: UTF8.self).contains("-----BEGIN ") else {
                        throw CredentialsError(problem: "\(name) \(path) holds no PEM")
                    }
                    return content
                }
            )
        }
    }

    private static func bytes(
        of material: Material,
        _ now: ContinuousClock.Instant
    ) async throws(CredentialsError) -> [UInt8] {
        switch material {
        case .pem(let bytes): bytes
        case .file(let file): try await file.value(now: now)
        }
    }

    /// RFC 6750's b68token: whatever else a file holds would end up in a header.
    private static func checked(_ token: String, from place: String) throws(CredentialsError) -> String {
        guard !token.isEmpty else { throw CredentialsError(problem: "\(place) is empty") }
        guard token.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw CredentialsError(problem: "\(place) holds characters that no token has")
        }
        return token
    }
}

/// What one request shows.
struct RequestCredentials: Sendable, Equatable {
    /// The bearer token.
    var token: String?
    /// The client's certificate and key.
    var certificate: ClientCertificate?
    /// Which run of an exec plugin this came from; 0 without one.
    var generation = 0
}

/// A client's certificate with its chain, and its key, in PEM.
struct ClientCertificate: Sendable, Equatable {
    var certificate: [UInt8]
    /// Nil if the certificate's text holds the key too.
    var key: [UInt8]?
}

/// Why there are no credentials for a request.
public struct CredentialsError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Which file or program, and what is wrong with it; never what it holds.
    public let problem: String
    /// It may be over without anybody's doing: a program that failed, and not a file that is missing.
    public let isTransient: Bool
    /// The task that waited for the credentials was cancelled.
    public let isCancellation: Bool

    /// - Parameter problem: which file or program, and what is wrong with it; never what it holds.
    public init(problem: String, isTransient: Bool = false, isCancellation: Bool = false) {
        self.problem = problem
        self.isTransient = isTransient
        self.isCancellation = isCancellation
    }

    /// The problem.
    public var description: String { problem }
}
