import ArgumentParser

/// `kee-collector`: what it can be told to do.
struct CollectorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kee-collector",
        abstract: "Keeps the events of a Kubernetes cluster in PostgreSQL.",
        discussion: """
            Every flag --foo-bar can also be given as KEE_FOO_BAR in the environment, or as fooBar under kee: in the YAML \
            file that --config names; the flag wins over the environment, and that over the file.
            """,
        version: ProgramVersion.text,
        subcommands: [
            WatchCommand.self, ReplayCommand.self, MigrateCommand.self, DemoCommand.self, ClusterReachableCommand.self,
            HealthcheckCommand.self,
        ],
        defaultSubcommand: WatchCommand.self
    )
}

/// What this program calls itself.
enum ProgramVersion {
    static let text = "0.1.0"
}
