import Archiving
import ArgumentParser
import EventModel
import EventSchema
import EventWriter
import Logging
import Postgres
import Replay
import Settings

struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Archives the events in files, as watch would, and prints what became of them.",
        discussion: """
            Takes EventList and List, single Events, several documents back to back, NDJSON, frames of a watch, YAML, \
            gzip, UTF-8 and UTF-16. Stores events of any age. What it rejects it names on standard error, and goes on.
            """
    )

    @OptionGroup var cluster: ClusterNameOption
    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var logging: LoggingOptions

    @Option(help: ArgumentHelp("A YAML file with settings under kee:.", valueName: "file"))
    var config: String?

    @Argument(help: ArgumentHelp("Files with events; - is standard input.", valueName: "file"))
    var files: [String]

    func run() async throws {
        logging.bootstrap()
        let logger = Logger(label: "kee-collector")
        let pool = try archive.pool(logger: logger)
        try await archive.preparation.run(pool, patience: ArchivePreparation.shortPatience, logger: logger)
        let replay = ReplayRun(
            writer: EventWriter(cluster: cluster.name, pool: pool, logger: logger),
            output: StandardError()
        )
        let summary = try await UntilSignal.run { [files] in await replay.run(files) }
        print(summary)
        await pool.shutdown()
        // The reason has been told where it arose.
        if summary.failure != nil { throw ExitCode.failure }
    }
}
