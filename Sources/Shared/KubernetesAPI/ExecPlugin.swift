public import HTTPTransfer

/// A program that hands out credentials: `exec` of a kubeconfig's user, as `client.authentication.k8s.io` has it.
///
/// Source: Kubernetes, "client-go credential plugins"; client-go `plugin/pkg/client/auth/exec`.
public struct ExecPlugin: Sendable, Equatable {
    /// The versions of the protocol that are spoken. v1alpha1 is gone since Kubernetes 1.24.
    public enum APIVersion: String, Sendable, CaseIterable {
        case v1 = "client.authentication.k8s.io/v1"
        case v1beta1 = "client.authentication.k8s.io/v1beta1"
    }

    /// What a plugin is told about the cluster when it wants to know (`provideClusterInfo`).
    public struct Cluster: Sendable, Equatable {
        /// The address of the API server.
        public var server: String
        /// `tls-server-name`.
        public var tlsServerName: String?
        /// `insecure-skip-tls-verify`.
        public var skipsTLSVerify = false
        /// The authority; a file is read when the plugin is run.
        public var certificateAuthority: TLSOptions.Source?
        /// `proxy-url`.
        public var proxyURL: String?
        /// JSON text of the cluster's extension `client.authentication.k8s.io/exec`.
        public var config: [UInt8]?

        /// What is known of every cluster; see the properties.
        public init(server: String) {
            self.server = server
        }
    }

    /// An absolute path, or a bare name that is looked for in PATH.
    public var command: String
    /// Its arguments, without the command.
    public var arguments: [String] = []
    /// What is added to the environment of this process.
    public var environment: [String: String] = [:]
    /// The version of what goes in and comes out.
    public var apiVersion: APIVersion
    /// How to install the program, for people; shown when it is not there.
    public var installHint: String?
    /// What it is told about the cluster; nil if it did not ask.
    public var cluster: Cluster?
    /// Whose entry this is, such as `user "me" of kubeconfig /home/me/.kube/config`.
    public var owner: String

    /// A plugin without arguments; see the properties.
    public init(command: String, apiVersion: APIVersion = .v1, owner: String) {
        self.command = command
        self.apiVersion = apiVersion
        self.owner = owner
    }

    /// How messages call it. Arguments and environment are left out: both may hold secrets.
    var name: String { "the exec plugin \(command) of \(owner)" }
}

extension ExecPlugin {
    /// The absolute path of the program; nil if there is none that may be run.
    ///
    /// Folders of PATH that are relative are passed over: what they name would depend on where the process was started.
    func location(path: String?) -> String? {
        guard !command.contains("/") else { return SmallFile.isProgram(command) ? command : nil }
        for folder in (path ?? "").split(separator: ":") where folder.hasPrefix("/") {
            let candidate = folder + "/" + command
            if SmallFile.isProgram(candidate) { return candidate }
        }
        return nil
    }
}
