import ArgumentParser
import EventSchema
import EventWriter
import Logging
import Postgres
import Settings

/// How the archive is reached, and whether its schema is brought up to date.
struct ArchiveOptions: ParsableArguments {
    @OptionGroup var database: DatabaseOptions

    @Flag(help: "Do not create or upgrade the schema; fail if it is not there.")
    var noMigrate = false

    /// A pool for the collector: writing takes one connection, and upkeep another.
    func pool(logger: Logger) throws -> PostgresPool {
        let configuration = PostgresConfiguration(
            connectionString: try database.url(),
            applicationName: "kee-collector",
            connectTimeout: .seconds(10),
            // The writer asks in one text again and again; its plan never depends on the values.
            sessionSetup: ["SET plan_cache_mode = force_generic_plan", "SET jit = off"]
        )
        do {
            try configuration.validate()
        } catch {
            throw ProgramExit.usage("--database-url: \(error.message)")
        }
        return PostgresPool(configuration, maxConnections: 3, logger: logger)
    }

    /// What has to be done before the archive is written to.
    var preparation: ArchivePreparation { ArchivePreparation(migrates: !noMigrate) }
}

/// The schema is brought up to date, or only looked at.
struct ArchivePreparation: Sendable {
    let migrates: Bool

    /// Of a command that somebody waits for: a database that restarts is waited for, a wrong address is told soon.
    static let shortPatience = Duration.seconds(10)

    /// Creates, upgrades or checks the schema. While the database is away it is tried again until `patience` is over.
    ///
    /// - Parameter patience: nil for as long as it takes, which is logged; else the error at the end says it all.
    func run(_ pool: PostgresPool, patience: Duration?, logger: Logger) async throws {
        let end = patience.map { ContinuousClock.now + $0 }
        var told: String?
        while true {
            do {
                let deadline = ContinuousClock.now + .seconds(60)
                if migrates {
                    try await EventSchema.migrate(pool, logger: logger, deadline: deadline)
                } else {
                    try await EventSchema.check(pool, deadline: deadline)
                }
                return
            } catch let error as PostgresError where error.isTransient && end.map({ ContinuousClock.now < $0 }) ?? true
            {
                if patience == nil, told != "\(error)" {
                    logger.warning(
                        "The archive is not to be had yet; trying until it is",
                        metadata: ["error": "\(error)"]
                    )
                }
                told = "\(error)"
                try await Task.sleep(for: .seconds(1))
            }
        }
    }
}
