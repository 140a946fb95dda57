import Archiving
import ArgumentParser
import EventSchema
import EventWriter
import HTTPTransfer
import KubernetesAPI
import LeaderElection
import Logging
import Management
import Owners
import Postgres
import ServiceLifecycle
import Settings
import Spool
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
    @OptionGroup var spooling: SpoolOptions
    @OptionGroup var leader: LeaderOptions
    @OptionGroup var timing: WatchTimingOptions
    @OptionGroup var owning: OwnerOptions
    @OptionGroup var management: ManagementOptions
    @OptionGroup var logging: LoggingOptions

    @Option(
        help: ArgumentHelp("A namespace to watch; repeat for several. Without it all are watched.", valueName: "name")
    )
    var namespace: [String] = []

    @Flag(help: "Take the cluster's name over from another cluster, whose events are in the archive under it.")
    var adoptCluster = false

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
        let spool = try await spooling.open(cluster: cluster.name, logger: logger)
        let admission = Admission(
            cluster: cluster.name,
            adopts: adoptCluster,
            client: client,
            pool: pool,
            preparation: archive.preparation,
            logger: logger
        )
        let (collecting, health) = try collecting(client, spool, admission, configuration, logger)
        let server = ManagementServer(
            address: management.managementListen,
            metrics: registry,
            liveness: health.liveness,
            readiness: health.readiness,
            logger: logger
        )
        try await Services.run([server, collecting], logger: logger)
        await spool?.close()
        await http.shutdownAndWait()
        await pool.shutdown()
    }

    private func collecting(
        _ client: KubernetesClient,
        _ spool: Spool?,
        _ admission: Admission,
        _ configuration: ClientConfiguration,
        _ logger: Logger
    ) throws -> (CollectingService, CollectorHealth) {
        let pool = admission.pool
        let file = spooling.cursorFile(cluster: cluster.name)
        let progress = CommittedProgress(file: file)
        let writer = EventWriter(cluster: cluster.name, pool: pool, logger: logger)
        let owners = owning.recorder(cluster: cluster.name, client, pool, logger: logger)
        let store = ArchiveStore(
            writer: writer,
            progress: progress,
            logger: logger,
            onCommitted: owners?.offer
        )
        let patience = spooling.databasePatience
        let sink = ArchiveSink(
            store: store,
            gate: admission.archive,
            spool: spool,
            patience: patience,
            logger: logger
        )
        let names: [String?] = namespace.isEmpty ? [nil] : namespace
        let watching = Watching(
            client: client,
            watches: names.map { ($0, WatchStatus()) },
            sink: sink,
            positions: ResumePositions(
                cluster: cluster.name,
                pool: pool,
                gate: admission.archive,
                spool: spool,
                file: file,
                patience: patience,
                logger: logger
            ),
            progress: progress,
            options: timing.options,
            owners: owners,
            logger: logger
        )
        let elector = try leader.elector(client, configuration, logger: logger)
        let service = CollectingService(
            admission: admission,
            keeper: MonthKeeper(pool: pool, retention: EventRetention(months: retentionMonths), logger: logger),
            feedKeeper: FeedKeeper(pool: pool, logger: logger),
            drain: spool.map {
                SpoolDrain(spool: $0, store: store, gate: admission.schema, status: sink.status, logger: logger)
            },
            watching: watching,
            elector: elector,
            logger: logger
        )
        let health = CollectorHealth(
            admission: admission,
            sink: sink,
            spool: spool,
            spoolPatience: spooling.spoolPatience,
            progress: progress,
            watches: watching.watches.map(\.status),
            leader: elector?.status
        )
        return (service, health)
    }
}
