import HTTPTransfer
import Logging
import TestSupport
import Testing

@testable import KubernetesAPI

@Suite("What a cluster is known by", .timeLimit(.minutes(1))) struct FingerprintTests {
    private func fingerprint(_ server: String, _ tls: TLSOptions = TLSOptions()) async throws -> ClusterFingerprint {
        try await KubernetesClient(
            configuration: ClientConfiguration(server: server, tls: tls),
            http: HTTPClient(),
            version: "1",
            logger: Logger(label: "test")
        ).fingerprint()
    }

    @Test func theUidOfKubeSystemAndTheAuthority() async throws {
        let certificates = try Certificates.shared()
        let pair = certificates.server
        try await FakeAPIServer.run(security: .init(certificate: (pair.certificate, pair.key))) { server in
            let authority = certificates.authority
            let byFile = try await fingerprint(
                server.url,
                TLSOptions(certificateAuthority: .file(authority.certificate))
            )
            #expect(byFile.kubeSystemUID == FakeAPIServer.kubeSystemUID)
            #expect(byFile.certificateAuthorityHashes.count == 1)
            #expect(byFile.certificateAuthorityHashes.first?.utf8.count == 64)
            let pem = try authority.certificatePEM()
            #expect(try await fingerprint(server.url, TLSOptions(certificateAuthority: .pem(pem))) == byFile)
            let unchecked = try await fingerprint(server.url, TLSOptions(verifiesPeer: false))
            #expect(unchecked.certificateAuthorityHashes.isEmpty && unchecked.certificateAuthorityHash == nil)
        }
    }

    @Test func aNamespaceThatMayNotBeReadIsNoError() async throws {
        try await FakeAPIServer.run { server in
            for answer in [FakeAPIServer.Answer.unauthorized, .forbidden, .recorded("http-404-resource")] {
                server.refuseNext(1, [.namespace], with: answer)
                let found = try await fingerprint(server.url)
                #expect(found == ClusterFingerprint())
            }
            server.refuseNext(1, [.namespace], with: .gatewayTimeout)
            await #expect(throws: KubernetesAPIError.self) { try await fingerprint(server.url) }
            let url = server.url
            await server.stop()
            await #expect(throws: KubernetesAPIError.self) { try await fingerprint(url) }
        }
    }

    @Test func orderCommentsAndLineEndsOfABundleDoNotMatter() throws {
        let certificates = try Certificates.shared()
        let old = try certificates.authority.certificatePEM()
        let new = try certificates.stranger.certificatePEM()
        let bundle = ClusterFingerprint.hashes(pem: old + new)
        #expect(bundle.count == 2)
        let spaced = String(decoding: new, as: UTF8.self).replacing("\n", with: "\r\n")
        let other = Array("# the new one\r\n\(spaced)\n# the old one\n".utf8) + old + old
        #expect(ClusterFingerprint.hashes(pem: other) == bundle)
        // While one is exchanged for the other, the bundle overlaps with both.
        #expect(bundle.contains(ClusterFingerprint.hashes(pem: old)[0]))
        #expect(bundle.contains(ClusterFingerprint.hashes(pem: new)[0]))
        let hash = ClusterFingerprint(certificateAuthorityHashes: bundle).certificateAuthorityHash
        #expect(hash == ClusterFingerprint(certificateAuthorityHashes: bundle.reversed()).certificateAuthorityHash)
        #expect(hash != ClusterFingerprint(certificateAuthorityHashes: [bundle[0]]).certificateAuthorityHash)
        #expect(ClusterFingerprint.hashes(pem: Array("-----BEGIN CERTIFICATE-----\nabc".utf8)).isEmpty)
    }
}
