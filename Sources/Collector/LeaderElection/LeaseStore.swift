public import KubernetesAPI

/// Where the lease lies: an API server.
public protocol LeaseStore: Sendable {
    /// Reads a lease; `isNotFound` if there is none.
    func lease(_ name: String, in namespace: String, timeout: Duration) async throws(KubernetesAPIError) -> Lease
    /// Creates a lease; `isAlreadyExists` if there is one.
    func create(_ lease: Lease, timeout: Duration) async throws(KubernetesAPIError) -> Lease
    /// Updates a lease; `isConflict` if it was changed since it was read.
    func update(_ lease: Lease, timeout: Duration) async throws(KubernetesAPIError) -> Lease
}

extension KubernetesClient: LeaseStore {}
