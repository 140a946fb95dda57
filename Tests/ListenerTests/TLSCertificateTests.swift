import CoreMetrics
import NIOCore
import NIOSSL
import TestSupport
import Testing

@testable import Listener

@Suite("The listener's certificate", .timeLimit(.minutes(2)))
struct TLSCertificateTests {
    private static func certificate(_ folder: TemporaryDirectory) throws -> TLSCertificate {
        try TLSCertificate(
            certificateFile: folder.path + "/tls.crt",
            keyFile: folder.path + "/tls.key",
            metrics: NOOPMetricsHandler.instance,
            logger: quietLogger
        )
    }

    private static let request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

    private static func der(_ pair: Certificates.Pair) throws -> [UInt8] {
        try NIOSSLCertificate.fromPEMBytes(try pair.certificatePEM())[0].toDERBytes()
    }

    /// Asks once on a new connection; the certificate that it was shown.
    private static func shown(port: Int) async throws -> [UInt8] {
        let client = try await TLSClient.connect(port: port)
        try await client.channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: request))
            var text = ""
            for try await part in inbound {
                text += String(buffer: part)
                if text.hasSuffix("hello") { break }
            }
            #expect(text.hasPrefix("HTTP/1.1 200"))
        }
        return try await client.certificate.get()
    }

    private static func expect(_ pair: Certificates.Pair, _ port: Int) async throws {
        let (shown, expected) = (try await shown(port: port), try der(pair))
        #expect(shown == expected)
    }

    @Test func aNewPairIsForNewConnectionsAndABadOneForNone() async throws {
        let made = try Certificates.shared()
        let folder = try TemporaryDirectory()
        try folder.write(try made.server.certificatePEM(), to: "tls.crt")
        try folder.write(try made.server.keyPEM(), to: "tls.key")
        let certificate = try Self.certificate(folder)
        var served = ServedListener()
        served.tls = certificate
        try await served.run { port in
            try await Self.expect(made.server, port)
            let client = try await TLSClient.connect(port: port)
            try await client.channel.executeThenClose { inbound, outbound in
                var parts = inbound.makeAsyncIterator()
                func ask() async throws {
                    try await outbound.write(ByteBuffer(string: Self.request))
                    var text = ""
                    while !text.hasSuffix("hello"), let part = try await parts.next() { text += String(buffer: part) }
                    #expect(text.hasPrefix("HTTP/1.1 200"))
                }
                try await ask()

                // The new certificate is there before its key: not a pair.
                try folder.write(try made.renewedServer.certificatePEM(), to: "tls.crt")
                await certificate.reload()
                try await Self.expect(made.server, port)
                try folder.write(try made.renewedServer.keyPEM(), to: "tls.key")
                await certificate.reload()
                try await Self.expect(made.renewedServer, port)
                try await ask()

                try folder.write(Array("no certificate".utf8), to: "tls.crt")
                await certificate.reload()
                try await Self.expect(made.renewedServer, port)
                try await ask()
            }
        }
    }

    @Test func whatCannotBeUsedIsSaidAtStart() throws {
        let made = try Certificates.shared()
        let folder = try TemporaryDirectory()
        func reason() throws -> String {
            let error = #expect(throws: TLSCertificateError.self) { try Self.certificate(folder) }
            return try #require(error).description
        }
        #expect(try reason() == "cannot read '\(folder.path)/tls.crt': No such file or directory")
        try folder.write([], to: "tls.crt")
        try folder.write(try made.server.keyPEM(), to: "tls.key")
        #expect(try reason() == "'\(folder.path)/tls.crt' holds no certificate in PEM")
        try folder.write(try made.server.certificatePEM(), to: "tls.crt")
        try folder.write(try made.client.keyPEM(), to: "tls.key")
        #expect(try reason().contains("is not the key of the first certificate"))
        try folder.write(Array("x".utf8), to: "tls.key")
        #expect(try reason() == "'\(folder.path)/tls.key' holds no key in PEM (without a passphrase)")
    }

    @Test func oldTLSIsRefused() async throws {
        let made = try Certificates.shared()
        let folder = try TemporaryDirectory()
        try folder.write(try made.server.certificatePEM(), to: "tls.crt")
        try folder.write(try made.server.keyPEM(), to: "tls.key")
        var served = ServedListener()
        served.tls = try Self.certificate(folder)
        try await served.run { port in
            await #expect(throws: (any Error).self) {
                let client = try await TLSClient.connect(port: port, only: .tlsv11)
                try await client.channel.executeThenClose { inbound, outbound in
                    try await outbound.write(ByteBuffer(string: Self.request))
                    for try await _ in inbound {}
                }
                _ = try await client.certificate.get()
            }
            try await Self.expect(made.server, port)
        }
    }
}
