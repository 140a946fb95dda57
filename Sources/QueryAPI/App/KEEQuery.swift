import ArgumentParser
import Settings

/// The query service: reads the archive, and answers over HTTP.
struct KEEQuery: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kee-query",
        abstract: "Answers questions about archived Kubernetes events over HTTP.",
        version: ProgramVersion.release,
        subcommands: [Serve.self, MakeToken.self, Healthcheck.self],
        defaultSubcommand: Serve.self
    )

    /// One file may serve both programs: these keys under `kee:` are kee-collector's.
    static let settingsOfTheCollector: Set<String> = [
        "cluster", "kubeconfig", "context", "namespace", "spool-dir", "retention-months",
    ]
}
