internal import HTTPTransfer
internal import JSON

extension KubernetesClient {
    /// What this cluster is known by.
    ///
    /// - Throws: `KubernetesAPIError` if the server is not to be had, or the authority's file cannot be read. That the
    ///   namespace kube-system may not be read (401, 403, 404) is no error: then it has no uid.
    public func fingerprint() async throws(KubernetesAPIError) -> ClusterFingerprint {
        let path = "/api/v1/namespaces/kube-system"
        return ClusterFingerprint(
            kubeSystemUID: try await uid(path: path),
            certificateAuthorityHashes: try await authorityHashes(path: path)
        )
    }

    private func uid(path: String) async throws(KubernetesAPIError) -> String? {
        let response: HTTPResponse
        do {
            response = try await send(path: path) { $0.totalTimeout = self.timeouts.version }
        } catch {
            if error.isUnauthorized || error.isForbidden || error.isNotFound { return nil }
            throw error
        }
        let body = try await collect(response.body, path: path, limit: limits.page)
        let uid = (try? JSONDocument(parsing: body))?.root["metadata"]?["uid"]?.string
        guard let uid, !uid.isEmpty else {
            throw error(path, .unexpectedAnswer("the namespace kube-system has no metadata.uid"))
        }
        return uid
    }

    private func authorityHashes(path: String) async throws(KubernetesAPIError) -> [String] {
        guard configuration.server.hasPrefix("https://"), configuration.tls.verifiesPeer else { return [] }
        switch configuration.tls.certificateAuthority {
        case nil: return []
        case .pem(let bytes): return ClusterFingerprint.hashes(pem: bytes)
        case .file(let file):
            do {
                return ClusterFingerprint.hashes(pem: try await SmallFile(path: file).read())
            } catch {
                let problem = "the certificate authority \(file): \(error.problem)"
                throw self.error(path, .credentials(CredentialsError(problem: problem)))
            }
        }
    }
}
