import ArgumentParser
import Logging
import Postgres
import Settings

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Creates the archive's schema, or upgrades it; safe to run by several at once."
    )

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var logging: LoggingOptions
    @Option(help: ArgumentHelp("A YAML file with settings under kee:.", valueName: "file"))
    var config: String?

    func run() async throws {
        logging.bootstrap()
        let logger = Logger(label: "kee-collector")
        let pool = try archive.pool(logger: logger)
        try await archive.preparation.run(pool, patience: ArchivePreparation.shortPatience, logger: logger)
        await pool.shutdown()
        print("the schema is up to date")
    }
}
