import Foundation
import HTTPTransfer
import Logging
import TestSupport
import Testing

@testable import KubernetesAPI

/// Over real TLS, with files that are replaced.
@Suite("Client certificates that are rotated", .timeLimit(.minutes(1))) struct RotationTests {
    @Test func theNextRequestShowsTheNewOneThoughTheOldConnectionIsOpen() async throws {
        let certificates = try Certificates.shared()
        let folder = try TemporaryDirectory()
        func put(_ pair: Certificates.Pair) throws {
            try folder.write(try pair.certificatePEM(), to: "tls.crt")
            try folder.write(try pair.keyPEM(), to: "tls.key")
        }
        try put(certificates.client)
        let security = FakeAPIServer.Security(
            certificate: (certificates.server.certificate, certificates.server.key),
            clientAuthority: certificates.authority.certificate
        )
        try await FakeAPIServer.run(security: security) { server in
            let configuration = ClientConfiguration(
                server: server.url,
                tls: TLSOptions(
                    certificateAuthority: .file(certificates.authority.certificate),
                    clientCertificate: .file(folder.file("tls.crt")),
                    clientKey: .file(folder.file("tls.key"))
                )
            )
            let client = KubernetesClient(
                configuration: configuration,
                http: HTTPClient(),
                version: "1",
                logger: Logger(label: "test")
            )
            func names() -> [String] {
                server.requests.map { request in
                    let name = request.clientName ?? ""
                    return ["kee-test-client", "kee-other-client"].first { name.contains("common_name=\($0)") } ?? "?"
                }
            }
            _ = try await client.listEvents()
            _ = try await client.listEvents()
            #expect(server.acceptedConnections == 1)
            try put(certificates.otherClient)
            // A kept connection, and TLS sessions that libcurl could resume: both know the old one.
            _ = try await client.listEvents()
            let watch = try await client.watchEvents(resourceVersion: "1000", timeoutSeconds: 60)
            #expect(
                names() == ["kee-test-client", "kee-test-client", "kee-other-client", "kee-other-client"]
            )
            withExtendedLifetime(watch) {}
        }
    }
}
