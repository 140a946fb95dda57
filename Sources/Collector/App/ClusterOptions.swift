import ArgumentParser
import KubernetesAPI
import Settings

/// Which API server is watched, and as whom.
struct ClusterOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A kubeconfig; without one, the pod's service account or your default one.",
            valueName: "file"
        )
    )
    var kubeconfig: String?

    @Option(help: ArgumentHelp("A context of the kubeconfig, in place of the current one.", valueName: "name"))
    var context: String?

    /// The kubeconfig that was named; else, in a pod, its service account; else the default kubeconfig.
    func configuration() async throws -> ClientConfiguration {
        let environment = ProcessEnvironment.current
        if kubeconfig == nil, context == nil, InClusterConfiguration.isInCluster(environment: environment) {
            return try await InClusterConfiguration.load(environment: environment)
        }
        guard let path = kubeconfig ?? Kubeconfig.defaultPath(environment: environment) else {
            throw ProgramExit.failure("this is no pod and there is no kubeconfig: name one with --kubeconfig")
        }
        return try await Kubeconfig.load(path: path).configuration(context: context)
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
