import ArgumentParser
import KubernetesAPI
import Logging
import Settings

/// Which API server is watched, and as whom.
struct ClusterOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A kubeconfig; without one, the pod's service account, or those of KUBECONFIG, or ~/.kube/config.",
            valueName: "file"
        )
    )
    var kubeconfig: String?

    @Option(help: ArgumentHelp("A context of the kubeconfig, in place of the current one.", valueName: "name"))
    var context: String?

    /// The kubeconfig that was named; else, in a pod, its service account; else what kubectl would read.
    ///
    /// - Parameter logger: hears what somebody ought to know, such as that the server is not checked.
    func configuration(logger: Logger) async throws -> ClientConfiguration {
        let environment = ProcessEnvironment.current
        if kubeconfig == nil, context == nil, InClusterConfiguration.isInCluster(environment: environment) {
            return try await InClusterConfiguration.load(environment: environment)
        }
        let paths = Self.paths(kubeconfig, environment)
        guard !paths.isEmpty else {
            throw ProgramExit.failure("this is no pod and there is no kubeconfig: name one with --kubeconfig")
        }
        let configuration = try await Kubeconfig.load(paths: paths).configuration(context: context)
        for warning in configuration.warnings {
            logger.warning("\(warning)", metadata: ["server": "\(configuration.server)"])
        }
        return configuration
    }

    /// The name of the context that counts, nil in a pod and for a kubeconfig without one.
    func contextName() async throws -> String? {
        if let context { return context }
        let environment = ProcessEnvironment.current
        if kubeconfig == nil, InClusterConfiguration.isInCluster(environment: environment) { return nil }
        let paths = Self.paths(kubeconfig, environment)
        return paths.isEmpty ? nil : try await Kubeconfig.load(paths: paths).currentContext
    }

    private static func paths(_ named: String?, _ environment: [String: String]) -> [String] {
        named.map { [$0] } ?? Kubeconfig.defaultPaths(environment: environment)
    }
}

/// The name under which a cluster's events are kept.
struct ClusterName: Sendable {
    let text: String

    init(checking argument: String) throws {
        let isFine = argument.utf8.allSatisfy { byte in
            byte > 0x20 && byte != 0x7f && byte != UInt8(ascii: "/")
        }
        guard isFine, (1...253).contains(argument.utf8.count) else {
            throw ValidationError("a cluster's name has 1 to 253 bytes, and neither spaces nor slashes")
        }
        text = argument
    }
}

/// `--cluster`, which must be given.
struct ClusterNameOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The cluster's name in the archive: 1 to 253 bytes without spaces and slashes.",
            valueName: "name"
        ),
        transform: ClusterName.init(checking:)
    )
    var cluster: ClusterName

    var name: String { cluster.text }
}
