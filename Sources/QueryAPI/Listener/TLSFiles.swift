internal import NIOSSL
internal import Settings

/// The two files of a certificate, and what is made of them.
struct TLSFiles: Sendable {
    let certificate: String
    let key: String

    struct Contents: Equatable, Sendable {
        var certificate: [UInt8]
        var key: [UInt8]
    }

    struct Pair {
        let context: NIOSSLContext
        /// Seconds since 1970 after which clients refuse it.
        let notAfter: Double
    }

    /// Blocks.
    func read() throws(TLSCertificateError) -> Contents {
        Contents(certificate: try Self.bytes(certificate), key: try Self.bytes(key))
    }

    func pair(_ contents: Contents) throws(TLSCertificateError) -> Pair {
        let chain: [NIOSSLCertificate]
        do {
            chain = try NIOSSLCertificate.fromPEMBytes(contents.certificate)
        } catch {
            throw TLSCertificateError(description: "'\(certificate)' holds no certificate in PEM")
        }
        guard let own = chain.first else {
            throw TLSCertificateError(description: "'\(certificate)' holds no certificate in PEM")
        }
        let privateKey: NIOSSLPrivateKey
        do {
            privateKey = try NIOSSLPrivateKey(bytes: contents.key, format: .pem)
        } catch {
            throw TLSCertificateError(description: "'\(key)' holds no key in PEM (without a passphrase)")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(privateKey)
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["h2", "http/1.1"]
        do {
            return Pair(
                context: try NIOSSLContext(configuration: configuration),
                notAfter: Double(own.notValidAfter)
            )
        } catch {
            throw TLSCertificateError(
                description: "'\(key)' is not the key of the first certificate in '\(certificate)'"
            )
        }
    }

    private static func bytes(_ path: String) throws(TLSCertificateError) -> [UInt8] {
        do {
            return try SmallFile.bytes(at: path, bound: TLSCertificate.largestFile)
        } catch {
            throw TLSCertificateError(description: error.description)
        }
    }
}
