import Archiving
import ArgumentParser
import EventModel
import EventWriter
import Logging
import Management
import Postgres
import Replay
import ServiceLifecycle
import Settings

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Plays a recording again and again as if it happened now, for trying KEE without a cluster."
    )

    @OptionGroup var cluster: ClusterNameOption
    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var management: ManagementOptions
    @OptionGroup var logging: LoggingOptions

    @Argument(help: ArgumentHelp("A recording, in any form that replay takes.", valueName: "file"))
    var file: String

    func run() async throws {
        logging.bootstrap()
        let logger = Logger(label: "kee-collector")
        let registry = management.bootstrapMetrics()
        guard let recording = DemoRecording(try await events()) else {
            throw ProgramExit.failure("\(file) holds no events")
        }
        let pool = try archive.pool(logger: logger)
        try await archive.preparation.run(pool, patience: .seconds(60), logger: logger)
        let writer = EventWriter(cluster: cluster.name, pool: pool, logger: logger)
        let player = DemoPlayer(recording: recording, writer: writer, logger: logger)
        let server = ManagementServer(
            address: management.managementListen,
            metrics: registry,
            readiness: [HealthCheck("database") { player.status.problem(lastingFor: .seconds(5)) }],
            logger: logger
        )
        try await Services.run([server, player], logger: logger)
        await pool.shutdown()
    }

    private func events() async throws -> [Event] {
        var events: [Event] = []
        try await ReplayFile(path: file).forEachBatch { batch in
            events += batch.compactMap { try? $0.event.get() }
            guard events.count <= Self.limit else {
                throw ProgramExit.failure("\(file) holds more than \(Self.limit) events: too long for a demo")
            }
        }
        return events
    }

    /// The recording is held in memory.
    private static let limit = 100_000
}
