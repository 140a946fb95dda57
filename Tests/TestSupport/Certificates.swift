import Foundation

/// Certificates for tests, made once per process by the `openssl` command and deleted when it ends.
public struct Certificates: Sendable {
    /// A certificate and its key, files in PEM.
    public struct Pair: Sendable {
        /// The certificate's path.
        public var certificate: String
        /// The key's path.
        public var key: String

        /// The certificate's PEM text.
        public func certificatePEM() throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: certificate))) }
        /// The key's PEM text.
        public func keyPEM() throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: key))) }
    }

    /// Signed all the others but `stranger`.
    public let authority: Pair
    /// An authority that signed nothing.
    public let stranger: Pair
    /// A server at 127.0.0.1 and localhost.
    public let server: Pair
    /// The same server, with the certificate that comes after that one.
    public let renewedServer: Pair
    /// A server named `kube.test` and at no address.
    public let namedServer: Pair
    /// A client with the common name `kee-test-client`.
    public let client: Pair
    /// A client with the common name `kee-other-client`.
    public let otherClient: Pair

    /// The certificates of this process. Throws if `openssl` cannot make them.
    public static func shared() throws -> Certificates { try made.get() }

    private static let made = Result { try Certificates() }

    private static let folder = FileManager.default.temporaryDirectory
        .appending(path: "kee-certificates-\(UUID().uuidString)")

    private init() throws {
        let folder = Self.folder
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        atexit { try? FileManager.default.removeItem(at: Certificates.folder) }
        let configuration = """
            [req]
            distinguished_name = name
            [name]
            [authority]
            basicConstraints = critical, CA:TRUE
            subjectKeyIdentifier = hash
            [server]
            subjectAltName = IP:127.0.0.1, DNS:localhost
            extendedKeyUsage = serverAuth
            [named]
            subjectAltName = DNS:kube.test
            extendedKeyUsage = serverAuth
            [client]
            extendedKeyUsage = clientAuth
            """
        try Data(configuration.utf8).write(to: folder.appending(path: "openssl.cnf"))
        authority = try Self.make("authority", "/CN=kee test authority", "authority")
        stranger = try Self.make("stranger", "/CN=kee strange authority", "authority")
        server = try Self.make("server", "/CN=kee test server", "server", by: authority)
        renewedServer = try Self.make("renewed", "/CN=kee test server", "server", by: authority)
        namedServer = try Self.make("named", "/CN=kee named test server", "named", by: authority)
        client = try Self.make("client", "/O=kee:testers/CN=kee-test-client", "client", by: authority)
        otherClient = try Self.make("other", "/O=kee:testers/CN=kee-other-client", "client", by: authority)
    }

    private static func make(_ name: String, _ subject: String, _ extensions: String, by: Pair? = nil) throws -> Pair {
        let pair = Pair(
            certificate: folder.appending(path: "\(name).pem").path(percentEncoded: false),
            key: folder.appending(path: "\(name).key").path(percentEncoded: false)
        )
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments =
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
            + ["-days", "2", "-subj", subject, "-extensions", extensions]
            + ["-config", folder.appending(path: "openssl.cnf").path(percentEncoded: false)]
            + ["-keyout", pair.key, "-out", pair.certificate]
            + (by.map { ["-CA", $0.certificate, "-CAkey", $0.key] } ?? [])
        let output = Pipe()
        process.standardError = output
        try process.run()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: "openssl could not make \(name): \(String(decoding: said, as: UTF8.self))")
        }
        return pair
    }

    private struct Failure: Error, CustomStringConvertible {
        var description: String
    }
}
