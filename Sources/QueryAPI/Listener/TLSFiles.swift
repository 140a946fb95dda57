internal import NIOSSL

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

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
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        while bytes.count <= TLSCertificate.largestFile {
            var code: CInt = 0
            let chunk = [UInt8](unsafeUninitializedCapacity: 16 * 1024) { buffer, count in
                let got = Self.read(descriptor, buffer)
                code = got < 0 ? errno : 0
                count = max(0, got)
            }
            if code == EINTR { continue }
            guard code == 0 else { throw failure(path, code) }
            guard !chunk.isEmpty else { return bytes }
            bytes += chunk
        }
        throw TLSCertificateError(description: "'\(path)' is larger than \(TLSCertificate.largestFile) bytes")
    }

    private static func read(_ descriptor: CInt, _ buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
        #if canImport(Glibc)
            Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        #elseif canImport(Musl)
            Musl.read(descriptor, buffer.baseAddress, buffer.count)
        #else
            Darwin.read(descriptor, buffer.baseAddress, buffer.count)
        #endif
    }

    private static func failure(_ path: String, _ code: CInt) -> TLSCertificateError {
        TLSCertificateError(description: "cannot read '\(path)': \(String(cString: strerror(code)))")
    }
}
