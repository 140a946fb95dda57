internal import HTTPTransfer

/// How a pod reaches its API server: by two variables of its environment and the files of its service account.
///
/// Source: Kubernetes, "Accessing the Kubernetes API from a Pod"; client-go `rest.InClusterConfig`.
public enum InClusterConfiguration {
    /// Where the kubelet mounts `token`, `ca.crt` and `namespace`.
    public static let serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount"

    /// Whether this process was told, as a pod is, where its API server is.
    public static func isInCluster(environment: [String: String]) -> Bool {
        environment["KUBERNETES_SERVICE_HOST"]?.isEmpty == false
            && environment["KUBERNETES_SERVICE_PORT"]?.isEmpty == false
    }

    /// Reads the configuration, off the cooperative pool. The token is named here and read when it is needed.
    ///
    /// - Throws: `InClusterError` if this is no pod, or its service account is not mounted.
    public static func load(
        environment: [String: String],
        folder: String = serviceAccountFolder
    ) async throws(InClusterError) -> ClientConfiguration {
        guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty,
            let port = environment["KUBERNETES_SERVICE_PORT"], !port.isEmpty
        else {
            throw InClusterError(
                problem: "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set, so this is no pod; "
                    + "name a kubeconfig with --kubeconfig"
            )
        }
        for name in ["token", "ca.crt"] {
            do {
                _ = try await SmallFile(path: folder + "/" + name).read()
            } catch {
                throw InClusterError(
                    problem: "the pod's service account: \(folder)/\(name): \(error.problem); "
                        + "set automountServiceAccountToken: true, or name a kubeconfig with --kubeconfig"
                )
            }
        }
        let namespace = try? await SmallFile(path: folder + "/namespace").read()
        var tls = TLSOptions()
        tls.certificateAuthority = .file(folder + "/ca.crt")
        return ClientConfiguration(
            server: "https://" + (host.contains(":") ? "[\(host)]" : host) + ":" + port,
            tls: tls,
            token: .file(folder + "/token"),
            namespace: namespace.map { String(decoding: $0, as: UTF8.self).trimmingASCIIWhitespace() }
        )
    }
}

/// Why a pod's own configuration cannot be used.
public struct InClusterError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is missing and what to do about it.
    public let problem: String

    /// The problem.
    public var description: String { problem }
}
