import Crypto
import Foundation

@testable import Access

extension AccessControl {
    /// As the middleware asks.
    func viewer(_ token: String, cluster: String? = nil) async throws(AccessError) -> any Viewer {
        try await viewer(authorization: "Bearer \(token)", cluster: cluster, deadline: .soon)
    }
}

extension ContinuousClock.Instant {
    /// Never met by a test that passes.
    static var soon: ContinuousClock.Instant { .now + .seconds(60) }
}

/// HMAC with SHA-256, in base64url.
func hmac(_ text: String, key: String) throws -> String {
    let code = HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: SymmetricKey(data: Array(key.utf8)))
    return Base64URL.encode(Array(code))
}
