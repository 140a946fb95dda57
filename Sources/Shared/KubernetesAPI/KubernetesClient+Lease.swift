internal import HTTPTransfer

/// Leases of coordination.k8s.io/v1.
extension KubernetesClient {
    /// Reads a lease.
    ///
    /// - Parameter timeout: for the whole answer.
    /// - Throws: `KubernetesAPIError`; `isNotFound` if there is none.
    public func lease(
        _ name: String,
        in namespace: String,
        timeout: Duration
    ) async throws(KubernetesAPIError) -> Lease {
        try await lease(.get, path: Self.leasesPath(in: namespace) + "/" + PercentEncoding.component(name), timeout)
    }

    /// Creates a lease, and returns it as the API server has it now.
    ///
    /// - Parameter timeout: for the whole answer. When it is over the lease may have been created nevertheless.
    /// - Throws: `KubernetesAPIError`; `isAlreadyExists` if there is one.
    public func create(_ lease: Lease, timeout: Duration) async throws(KubernetesAPIError) -> Lease {
        try await self.lease(.post, path: Self.leasesPath(in: lease.namespace), body: lease.body, timeout)
    }

    /// Updates a lease, and returns it as the API server has it now.
    ///
    /// - Parameters:
    ///   - lease: with the resourceVersion that it had when it was read; without one API servers refuse (422).
    ///   - timeout: for the whole answer. When it is over the lease may have been updated nevertheless.
    /// - Throws: `KubernetesAPIError`; `isConflict` if it was changed since it was read.
    public func update(_ lease: Lease, timeout: Duration) async throws(KubernetesAPIError) -> Lease {
        let path = Self.leasesPath(in: lease.namespace) + "/" + PercentEncoding.component(lease.name)
        return try await self.lease(.put, path: path, body: lease.body, timeout)
    }

    private func lease(
        _ method: HTTPRequest.Method,
        path: String,
        body: [UInt8]? = nil,
        _ timeout: Duration
    ) async throws(KubernetesAPIError) -> Lease {
        let response = try await send(method, path: path, body: body) { request in
            request.totalTimeout = timeout
            request.connectTimeout = min(request.connectTimeout, timeout)
        }
        let answer = try await collect(response.body, path: path, limit: Self.longestLease)
        do {
            return try Lease(body: answer)
        } catch {
            throw self.error(path, .unexpectedAnswer(error.reason), method)
        }
    }

    /// etcd takes no object beyond 1.5 MiB.
    private static let longestLease = 2 << 20

    static func leasesPath(in namespace: String) -> String {
        "/apis/coordination.k8s.io/v1/namespaces/\(PercentEncoding.component(namespace))/leases"
    }
}
