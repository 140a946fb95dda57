internal import Crypto
internal import FoundationEssentials

/// By what a cluster is known again: so that a name in the archive is not given to another cluster by mistake.
public struct ClusterFingerprint: Sendable, Equatable {
    /// `metadata.uid` of the namespace kube-system, which lives as long as its cluster; nil where it may not be read.
    public var kubeSystemUID: String?
    /// SHA-256 of each certificate of the configured authority, in hexadecimal, sorted. Empty where the system's
    /// authorities count, or TLS is off or not checked.
    ///
    /// One hash for each, so that a bundle that holds the old and the new authority while one is exchanged for the other
    /// still overlaps with both.
    public var certificateAuthorityHashes: [String]

    /// A fingerprint from its parts.
    public init(kubeSystemUID: String? = nil, certificateAuthorityHashes: [String] = []) {
        self.kubeSystemUID = kubeSystemUID
        self.certificateAuthorityHashes = certificateAuthorityHashes.sorted()
    }

    /// SHA-256 over all of `certificateAuthorityHashes` together, in hexadecimal; nil without any. Order and comments
    /// of the PEM text do not matter to it.
    public var certificateAuthorityHash: String? {
        guard !certificateAuthorityHashes.isEmpty else { return nil }
        return Self.hash(Array(certificateAuthorityHashes.joined(separator: "\n").utf8))
    }
}

extension ClusterFingerprint {
    /// The hashes of the certificates in a PEM text, each once and sorted: of their DER, so that comments, line ends and
    /// order do not matter. What is no certificate is passed over.
    static func hashes(pem: [UInt8]) -> [String] {
        var rest = String(decoding: pem, as: UTF8.self)[...]
        var hashes: Set<String> = []
        while let begin = rest.firstRange(of: "-----BEGIN CERTIFICATE-----") {
            rest = rest[begin.upperBound...]
            guard let end = rest.firstRange(of: "-----END CERTIFICATE-----") else { break }
            let text = String(rest[..<end.lowerBound])
            if let der = Data(base64Encoded: text, options: .ignoreUnknownCharacters), !der.isEmpty {
                hashes.insert(hash(Array(der)))
            }
            rest = rest[end.upperBound...]
        }
        return hashes.sorted()
    }

    private static func hash(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
