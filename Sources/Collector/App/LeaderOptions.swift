import ArgumentParser
import KubernetesAPI
import LeaderElection
import Logging
import Settings

/// Whether several collectors of one cluster agree on one of them that watches.
struct LeaderOptions: ParsableArguments {
    @Flag(help: "Watch only while holding a Lease, so that several replicas can run; needs the right to its leases.")
    var leaderElect = false

    @Option(help: ArgumentHelp("The name of the Lease.", valueName: "name"))
    var leaseName = "kee-collector"

    @Option(help: ArgumentHelp("The namespace of the Lease; the pod's own by default.", valueName: "name"))
    var leaseNamespace: String?

    @Option(
        help: ArgumentHelp("How long others wait before they take over a Lease.", valueName: "duration"),
        transform: DurationText.duration(parsing:)
    )
    var leaseDuration = LeaseTiming().duration

    @Option(
        help: ArgumentHelp("How long a leader that cannot renew goes on.", valueName: "duration"),
        transform: DurationText.duration(parsing:)
    )
    var leaseRenewDeadline = LeaseTiming().renewDeadline

    @Option(
        help: ArgumentHelp("How long everyone waits between two tries.", valueName: "duration"),
        transform: DurationText.duration(parsing:)
    )
    var leaseRetryPeriod = LeaseTiming().retryPeriod

    /// Nil unless there is to be an election.
    ///
    /// - Throws: `LeaseTimingError`, `ProgramExit` if nothing says in which namespace the Lease lies.
    func elector(
        _ client: KubernetesClient,
        _ configuration: ClientConfiguration,
        logger: Logger
    ) throws -> LeaderElector? {
        guard leaderElect else { return nil }
        guard let namespace = leaseNamespace ?? configuration.namespace else {
            throw ProgramExit.usage("--lease-namespace: this is no pod and the kubeconfig's context has no namespace")
        }
        return try LeaderElector(
            leases: client,
            namespace: namespace,
            name: leaseName,
            identity: Self.identity,
            timing: timing,
            logger: logger
        )
    }

    /// A pod's name is its host's, but two processes of one host must differ too.
    private static var identity: String {
        let host = ProcessEnvironment.current["HOSTNAME"] ?? "kee-collector"
        return "\(host)_\(String(UInt64.random(in: .min ... .max), radix: 16))"
    }

    private var timing: LeaseTiming {
        var timing = LeaseTiming()
        timing.duration = leaseDuration
        timing.renewDeadline = leaseRenewDeadline
        timing.retryPeriod = leaseRetryPeriod
        return timing
    }
}
