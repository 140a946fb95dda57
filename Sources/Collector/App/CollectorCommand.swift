import ArgumentParser
import Settings

/// `kee-collector`: what it can be told to do.
struct CollectorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kee-collector",
        abstract: "Keeps the events of a Kubernetes cluster in PostgreSQL.",
        discussion: """
            Every flag --foo-bar can also be given as KEE_FOO_BAR in the environment, or as fooBar under kee: in the YAML \
            file that --config names; the flag wins over the environment, and that over the file.
            """,
        version: ProgramVersion.release,
        subcommands: [
            WatchCommand.self, ReplayCommand.self, MigrateCommand.self, DemoCommand.self, ClusterReachableCommand.self,
            HealthcheckCommand.self,
        ],
        defaultSubcommand: WatchCommand.self
    )

    /// One file may serve both programs: these keys under `kee:` are kee-query's.
    static let settingsOfTheQueryService: Set<String> = [
        "listen", "access", "rate-limit", "rate-burst", "database-connections", "request-timeout",
        "token-file", "access-policy", "oidc-issuer", "oidc-client-id", "oidc-username-claim", "oidc-username-prefix",
        "oidc-groups-claim", "oidc-groups-prefix", "oidc-ca-file", "review-kubeconfig", "review-audience",
    ]
}
