import ArgumentParser
import KubernetesAPI
import Logging
import Owners
import Postgres

/// Whether it is recorded who owns the objects that events are about.
struct OwnerOptions: ParsableArguments {
    /// The values of `--owners`.
    enum Choice: String, ExpressibleByArgument, CaseIterable {
        case on
        case off
    }

    @Option(
        help: ArgumentHelp(
            """
            Record who owns the objects of events, for timelines, as far as the collector may read their metadata: on or \
            off.
            """,
            valueName: "on|off"
        )
    )
    var owners = Choice.on

    /// Nil if it is not to be recorded.
    func recorder(
        cluster: String,
        _ client: KubernetesClient,
        _ pool: PostgresPool,
        logger: Logger
    ) -> OwnerRecorder? {
        switch owners {
        case .on: OwnerRecorder(cluster: cluster, source: client, pool: pool, logger: logger)
        case .off: nil
        }
    }
}
