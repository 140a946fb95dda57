import Archiving
import ArgumentParser
import EventSchema
import EventWriter
import HTTPTransfer
import KubernetesAPI
import Logging
import Management
import Postgres
import ServiceLifecycle
import Settings
import UnixSignals
import Watch

struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Watches a cluster's events and archives them (the default)."
    )

    @OptionGroup var cluster: ClusterNameOption
    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var server: ClusterOptions
    @OptionGroup var management: ManagementOptions
    @OptionGroup var logging: LoggingOptions

    @Option(
        help: ArgumentHelp("A namespace to watch; repeat for several. Without it all are watched.", valueName: "name")
    )
    var namespace: [String] = []

    @Option(help: ArgumentHelp("How many months are kept behind the current one: 1 to 1200.", valueName: "n"))
    var retentionMonths = EventRetention.defaultMonths

    @Option(
        help: ArgumentHelp(
            "A YAML file with settings under kee:; kubernetes-event-exporter's will do.",
            valueName: "file"
        )
    )
    var config: String?

    func validate() throws {
        guard (1...1200).contains(retentionMonths) else {
            throw ValidationError("--retention-months is \(retentionMonths): give a number from 1 to 1200")
        }
    }

    func run() async throws {
        logging.bootstrap()
        let logger = Logger(label: "kee-collector")
        let registry = management.bootstrapMetrics()
        let configuration = try await server.configuration(logger: logger)
        let pool = try archive.pool(logger: logger)
        let http = HTTPClient(logger: logger)
        let client = KubernetesClient(
            configuration: configuration,
            http: http,
            version: ProgramVersion.release,
            logger: logger
        )
        let writer = EventWriter(cluster: cluster.name, pool: pool, logger: logger)
        let sink = ArchiveSink(
            writer: writer,
            rejections: RejectedEvents(cluster: cluster.name, pool: pool),
            logger: logger
        )
        let names: [String?] = namespace.isEmpty ? [nil] : namespace
        let watchers = names.map { EventWatcher(client: client, namespace: $0, sink: sink, logger: logger) }
        let schema = SchemaGate()
        let server = ManagementServer(
            address: management.managementListen,
            metrics: registry,
            readiness: CollectorHealth.checks(schema: schema, watchers: watchers, archive: sink.status),
            logger: logger
        )
        let collecting = CollectingService(
            watchers: watchers,
            keeper: MonthKeeper(pool: pool, retention: EventRetention(months: retentionMonths), logger: logger),
            schema: schema,
            logger: logger
        ) { [preparation = archive.preparation] in
            try await preparation.run(pool, patience: nil, logger: logger)
        }
        try await Services.run([server, collecting], logger: logger)
        await http.shutdownAndWait()
        await pool.shutdown()
    }
}
