/// A kubeconfig file, as far as a client needs it. Names are looked up when a context is resolved, not before: an entry
/// that nobody uses may be broken.
public struct Kubeconfig: Sendable {
    /// A name with what stands under it.
    struct Named<Value: Sendable>: Sendable {
        let name: String
        let value: Value
        /// The line of the entry in the file, from 1.
        let line: Int
    }

    struct Cluster: Sendable {
        var server: String?
        var certificateAuthority: String?
        var certificateAuthorityData: String?
        var insecureSkipTLSVerify = false
        var tlsServerName: String?
        var proxyURL: String?
    }

    struct User: Sendable {
        var token: String?
        var tokenFile: String?
        var clientCertificate: String?
        var clientCertificateData: String?
        var clientKey: String?
        var clientKeyData: String?
        /// Keys of this entry that mean a way to log in, or to act as someone else, that is not supported.
        var unsupported: [String] = []
    }

    struct Context: Sendable {
        var cluster: String?
        var user: String?
        var namespace: String?
    }

    /// The file this came from; relative paths in it are relative to its folder.
    public let path: String
    /// The context that counts when none is named.
    public let currentContext: String?

    let clusters: [Named<Cluster>]
    let users: [Named<User>]
    let contexts: [Named<Context>]

    /// The names of all contexts, in the order of the file.
    public var contextNames: [String] { contexts.map(\.name) }
}

extension Kubeconfig {
    /// The file that kubectl would read: the first of `KUBECONFIG`, or `~/.kube/config`; nil without a home folder.
    ///
    /// Merging several files of `KUBECONFIG` comes in a later release.
    public static func defaultPath(environment: [String: String]) -> String? {
        if let list = environment["KUBECONFIG"],
            let first = list.split(separator: ":").first(where: { !$0.isEmpty })
        {
            return String(first)
        }
        guard let home = environment["HOME"], !home.isEmpty else { return nil }
        return home + "/.kube/config"
    }

    /// Reads a kubeconfig, off the cooperative pool.
    ///
    /// - Throws: `KubeconfigError` if the file cannot be read or is no kubeconfig.
    public static func load(path: String) async throws(KubeconfigError) -> Kubeconfig {
        let bytes: [UInt8]
        do {
            bytes = try await SmallFile(path: path).read()
        } catch {
            throw KubeconfigError(path: path, line: nil, problem: error.problem)
        }
        return try Kubeconfig(parsing: String(decoding: bytes, as: UTF8.self), path: path)
    }
}

/// What is wrong with a kubeconfig, where, and what to do about it.
public struct KubeconfigError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file.
    public let path: String
    /// The line in it, from 1, where that is known.
    public let line: Int?
    /// What is wrong with which entry, and the remedy. Never a secret.
    public let problem: String

    /// File, line and problem in one line.
    public var description: String {
        if let line { "kubeconfig \(path), line \(line): \(problem)" } else { "kubeconfig \(path): \(problem)" }
    }
}
