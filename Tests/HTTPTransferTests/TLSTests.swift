import Foundation
import TestSupport
import Testing

@testable import HTTPTransfer

@Suite("TLS", .timeLimit(.minutes(1)))
struct TLSTests {
    private static func run(
        _ pair: (Certificates) -> Certificates.Pair = \.server,
        demandsClient: Bool = false,
        _ body: @Sendable (ScriptedHTTPServer, HTTPClient, Certificates) async throws -> Void
    ) async throws {
        let certificates = try Certificates.shared()
        let pair = pair(certificates)
        let tls = ScriptedHTTPServer.TLS(
            certificate: pair.certificate,
            key: pair.key,
            clientAuthority: demandsClient ? certificates.authority.certificate : nil
        )
        try await ScriptedHTTPServer.run(tls: tls) { _ in
            [.answer(body: Array("secret".utf8))]
        } while: { server in
            try await withClient { try await body(server, $0, certificates) }
        }
    }

    private static func failure(_ client: HTTPClient, _ url: String, _ tls: TLSOptions) async throws
        -> HTTPTransferError
    {
        try await HTTPTransferTests.failure {
            try await client.send(HTTPRequest(url: url, tls: tls)).body.collect(upTo: 100)
        }
    }

    @Test("An authority by file and by PEM is trusted")
    func authority() async throws {
        try await Self.run { server, client, certificates in
            let authority = certificates.authority
            for source in [.file(authority.certificate), .pem(try authority.certificatePEM())] as [TLSOptions.Source] {
                let tls = TLSOptions(certificateAuthority: source)
                for _ in 1...3 {
                    let response = try await client.send(HTTPRequest(url: server.url, tls: tls))
                    #expect(try await response.body.text() == "secret")
                }
            }
            // One connection for each, since what was trusted differs, and no more.
            #expect(server.log.entries.accepted == 2)
        }
    }

    @Test("Another authority, the system's, and what is none are not")
    func wrongAuthority() async throws {
        try await Self.run { server, client, certificates in
            let stranger = certificates.stranger
            let wrong: [TLSOptions.Source?] = [
                .file(stranger.certificate), .pem(try stranger.certificatePEM()), nil,
                .file("/nowhere/ca.pem"), .pem(Array("nothing".utf8)),
            ]
            for source in wrong {
                let tls = TLSOptions(certificateAuthority: source)
                let error = try await Self.failure(client, server.url, tls)
                #expect(error.kind == .tls, "\(error)")
                #expect(error.isConnectionFailure)
            }
            #expect(server.log.entries.requests.isEmpty)
        }
    }

    @Test("A trusted connection does not serve a request that trusts others")
    func noReuseAcrossTrust() async throws {
        try await Self.run { server, client, certificates in
            let trusting = TLSOptions(certificateAuthority: .file(certificates.authority.certificate))
            let response = try await client.send(HTTPRequest(url: server.url, tls: trusting))
            #expect(try await response.body.text() == "secret")
            let other = TLSOptions(certificateAuthority: .file(certificates.stranger.certificate))
            #expect(try await Self.failure(client, server.url, other).kind == .tls)
        }
    }

    @Test("Without verification anyone is believed")
    func unverified() async throws {
        try await Self.run(\.namedServer) { server, client, _ in
            let response = try await client.send(HTTPRequest(url: server.url, tls: TLSOptions(verifiesPeer: false)))
            #expect(try await response.body.text() == "secret")
        }
    }

    @Test("A certificate for another name is refused, unless that name is asked for")
    func serverName() async throws {
        try await Self.run(\.namedServer) { server, client, certificates in
            var tls = TLSOptions(certificateAuthority: .file(certificates.authority.certificate))
            #expect(try await Self.failure(client, server.url, tls).kind == .tls)
            tls.serverName = "other.test"
            #expect(try await Self.failure(client, server.url, tls).kind == .tls)
            tls.serverName = "kube.test"
            let response = try await client.send(HTTPRequest(url: server.url + "/api?watch=1", tls: tls))
            #expect(try await response.body.text() == "secret")
            let entries = server.log.entries
            #expect(entries.serverNames == ["other.test", "kube.test"])
            #expect(entries.requests.map(\.uri) == ["/api?watch=1"])
            #expect(entries.requests.first?.header("Host") == "127.0.0.1:\(server.port)")
        }
    }

    @Test("A client certificate by file, by PEM, and with the key in the same PEM")
    func clientCertificate() async throws {
        try await Self.run(demandsClient: true) { server, client, certificates in
            let pair = certificates.client
            let authority = TLSOptions.Source.file(certificates.authority.certificate)
            let both = try pair.certificatePEM() + pair.keyPEM()
            let ways: [(TLSOptions.Source, TLSOptions.Source?)] = [
                (.file(pair.certificate), .file(pair.key)),
                (.pem(try pair.certificatePEM()), .pem(try pair.keyPEM())),
                (.pem(both), nil),
            ]
            for (certificate, key) in ways {
                let tls = TLSOptions(certificateAuthority: authority, clientCertificate: certificate, clientKey: key)
                for _ in 1...3 {
                    let response = try await client.send(HTTPRequest(url: server.url, tls: tls))
                    #expect(try await response.body.text() == "secret")
                }
            }
            #expect(server.log.entries.accepted == ways.count)
        }
    }

    @Test("No client certificate where one is demanded is a TLS failure")
    func missingClientCertificate() async throws {
        try await Self.run(demandsClient: true) { server, client, certificates in
            let tls = TLSOptions(certificateAuthority: .file(certificates.authority.certificate))
            let error = try await Self.failure(client, server.url, tls)
            #expect(error.kind == .tls, "\(error)")
            #expect(server.log.entries.requests.isEmpty)
        }
    }

    @Test("A key that needs a passphrase is refused, and nobody is asked for it")
    func passphrase() async throws {
        try await Self.run(demandsClient: true) { server, client, certificates in
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = [
                "openssl", "pkcs8", "-topk8", "-in", certificates.client.key, "-passout", "pass:secret",
            ]
            let output = Pipe()
            process.standardOutput = output
            try process.run()
            let locked = Array(output.fileHandleForReading.readDataToEndOfFile())
            process.waitUntilExit()
            #expect(text(locked)?.contains("ENCRYPTED") == true)
            let tls = TLSOptions(
                certificateAuthority: .file(certificates.authority.certificate),
                clientCertificate: .file(certificates.client.certificate),
                clientKey: .pem(locked)
            )
            #expect(try await Self.failure(client, server.url, tls).kind == .tls)
        }
    }

    @Test("A large body over TLS, held back on the way")
    func large() async throws {
        let certificates = try Certificates.shared()
        let tls = ScriptedHTTPServer.TLS(certificate: certificates.server.certificate, key: certificates.server.key)
        let body = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try await ScriptedHTTPServer.run(tls: tls) { _ in
            [.answer(body: body)]
        } while: { server in
            try await withClient { client in
                let options = TLSOptions(certificateAuthority: .file(certificates.authority.certificate))
                let response = try await client.send(HTTPRequest(url: server.url, tls: options))
                try await eventually { response.body.isHeldBack }
                #expect(try await response.body.collect(upTo: body.count) == body)
            }
        }
    }
}
