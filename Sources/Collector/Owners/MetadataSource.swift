public import KubernetesAPI

/// Where objects' metadata are asked for: an API server.
public protocol MetadataSource: Sendable {
    /// Reads the metadata of an object; `isNotFound` if there is none, `isNotServed` if there is no such kind.
    func metadata(
        of resource: APIResource,
        namespace: String,
        name: String,
        timeout: Duration
    ) async throws(KubernetesAPIError) -> ObjectMetadata

    /// Reads which kinds a version of a group has; empty if there is no such version.
    func resources(
        group: String,
        version: String,
        timeout: Duration
    ) async throws(KubernetesAPIError) -> [APIResource]
}

extension KubernetesClient: MetadataSource {}
