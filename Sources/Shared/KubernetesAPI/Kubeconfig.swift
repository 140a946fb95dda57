/// A kubeconfig, as far as a client needs it: one file, or several that were merged. Names are looked up when a context
/// is resolved, not before: an entry that nobody uses may be broken.
public struct Kubeconfig: Sendable {
    /// A name with what stands under it.
    struct Named<Value: Sendable>: Sendable {
        let name: String
        let value: Value
        /// The file that holds the entry; relative paths in it are relative to that file's folder.
        let path: String
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
        /// JSON text of the extension `client.authentication.k8s.io/exec`, which is for exec plugins.
        var execConfig: [UInt8]?
    }

    struct User: Sendable {
        var token: String?
        var tokenFile: String?
        var clientCertificate: String?
        var clientCertificateData: String?
        var clientKey: String?
        var clientKeyData: String?
        var exec: Exec?
        /// Keys of this entry that mean a way to log in, or to act as someone else, that is not supported.
        var unsupported: [String] = []
    }

    /// `exec` of a user, as it stands in the file.
    struct Exec: Sendable {
        var command: String?
        var arguments: [String] = []
        var environment: [String: String] = [:]
        var apiVersion: String?
        var installHint: String?
        var providesClusterInfo = false
        var interactiveMode: String?
    }

    struct Context: Sendable {
        var cluster: String?
        var user: String?
        var namespace: String?
    }

    /// The files this came from, at least one.
    public internal(set) var paths: [String]
    /// The context that counts when none is named.
    public internal(set) var currentContext: String?

    var clusters: [Named<Cluster>]
    var users: [Named<User>]
    var contexts: [Named<Context>]

    /// The names of all contexts, in the order of the files.
    public var contextNames: [String] { contexts.map(\.name) }
}

extension Kubeconfig {
    /// Adds what another file has that none of those before it had, as kubectl does: of entries with the same name the
    /// first counts, whole, and so does the first current-context.
    mutating func merge(_ other: Kubeconfig) {
        func merged<Value>(_ first: [Named<Value>], _ second: [Named<Value>]) -> [Named<Value>] {
            let names = Set(first.map(\.name))
            return first + second.filter { !names.contains($0.name) }
        }
        paths += other.paths
        currentContext = currentContext ?? other.currentContext
        clusters = merged(clusters, other.clusters)
        users = merged(users, other.users)
        contexts = merged(contexts, other.contexts)
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
