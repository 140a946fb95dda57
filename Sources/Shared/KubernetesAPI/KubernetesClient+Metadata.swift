internal import HTTPTransfer
internal import JSON

/// Objects of any kind, their metadata only.
extension KubernetesClient {
    /// Reads the metadata of an object.
    ///
    /// The right to it is `get` on the resource: RBAC knows no right to the metadata alone. A server that cannot leave
    /// out the rest (aggregated ones) sends the whole object.
    ///
    /// - Parameters:
    ///   - namespace: left out for what belongs to the cluster as a whole.
    ///   - timeout: for the whole answer.
    /// - Throws: `KubernetesAPIError`; `isNotFound` if there is none, and `isNotServed` if there is no such kind.
    public func metadata(
        of resource: APIResource,
        namespace: String,
        name: String,
        timeout: Duration
    ) async throws(KubernetesAPIError) -> ObjectMetadata {
        let path = resource.path(namespace: namespace, name: name)
        let body = try await answer(path, accept: Self.metadataOnly, timeout)
        do {
            return try ObjectMetadata(body: body)
        } catch {
            throw self.error(path, .unexpectedAnswer(error.reason))
        }
    }

    /// Reads which kinds a version of a group has; empty if there is no such version.
    ///
    /// - Parameters:
    ///   - group: empty for core.
    ///   - timeout: for the whole answer.
    /// - Throws: `KubernetesAPIError`.
    public func resources(
        group: String,
        version: String,
        timeout: Duration
    ) async throws(KubernetesAPIError) -> [APIResource] {
        let path = APIResource.path(group: group, version: version)
        let body: [UInt8]
        do {
            body = try await answer(path, accept: "application/json", timeout)
        } catch {
            guard error.isNotFound else { throw error }
            return []
        }
        guard let root = try? JSONDocument(parsing: body).root, root["kind"]?.string == "APIResourceList" else {
            throw error(path, .unexpectedAnswer("the answer is no APIResourceList"))
        }
        var resources: [APIResource] = []
        for resource in root["resources"]?.elements.map({ $0 }) ?? [] {
            guard let name = resource["name"]?.string, let kind = resource["kind"]?.string,
                let isNamespaced = resource["namespaced"]?.bool,
                // Subresources such as `deployments/scale`.
                !name.utf8.contains(UInt8(ascii: "/"))
            else { continue }
            resources.append(
                APIResource(group: group, version: version, name: name, kind: kind, isNamespaced: isNamespaced)
            )
        }
        return resources
    }

    private func answer(
        _ path: String,
        accept: String,
        _ timeout: Duration
    ) async throws(KubernetesAPIError) -> [UInt8] {
        let response = try await send(path: path) { request in
            request.headers.removeAll { $0.name == "Accept" }
            request.headers.append(("Accept", accept))
            request.totalTimeout = timeout
            request.connectTimeout = min(request.connectTimeout, timeout)
        }
        return try await collect(response.body, path: path, limit: Self.longestObject)
    }

    /// As client-go's metadata client asks, with the whole object as second choice.
    private static let metadataOnly =
        "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json"

    /// etcd takes no object beyond 1.5 MiB.
    private static let longestObject = 2 << 20
}

extension KubernetesAPIError {
    /// The kind itself is not there, rather than an object of it. Both are a 404; the text is that of apimachinery's
    /// `NewGenericServerResponse`.
    public var isNotServed: Bool {
        isNotFound && status?.message.hasPrefix("the server could not find the requested resource") == true
    }
}
