import ArgumentParser
import PrometheusMetrics
import Settings

/// `kee-query serve`: the service itself.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serves the archive's events over HTTP (the default).",
        discussion: """
            Every option --foo-bar can be given as KEE_FOO_BAR, or as foo-bar under 'kee:' in the file of --config; the \
            flag wins over the environment, and that over the file.
            """
    )

    static let defaultManagementListen = ListenAddress(host: "0.0.0.0", port: 2113)

    @Option(help: ArgumentHelp("A YAML file with settings under 'kee:'.", valueName: "file"))
    var config: String?

    @OptionGroup var database: DatabaseOptions

    @Option(
        help: ArgumentHelp("Where to serve events.", valueName: "host:port"),
        transform: ListenAddress.init(parsing:)
    )
    var listen = ListenAddress(host: "0.0.0.0", port: 8080)

    @Option(
        help: ArgumentHelp("Where to serve /metrics, /livez and /readyz.", valueName: "host:port"),
        transform: ListenAddress.init(parsing:)
    )
    var managementListen = Serve.defaultManagementListen

    @OptionGroup var access: AccessOptions

    @OptionGroup var listener: ListenerOptions

    @OptionGroup var rates: RateOptions

    @Option(help: ArgumentHelp("Connections to the database at most, 1 to 100.", valueName: "number"))
    var databaseConnections = 4

    @Option(
        help: ArgumentHelp("How long the database may take for one answer, 100ms to 10m.", valueName: "duration"),
        transform: DurationText.duration(parsing:)
    )
    var requestTimeout: Duration = .seconds(5)

    @Option(help: ArgumentHelp("Clients that may listen to live tails at once, 1 to 10000.", valueName: "number"))
    var liveListeners = 256

    @OptionGroup var exports: ExportOptions

    @Flag(help: "Do not create or upgrade the schema at start.")
    var noMigrate = false

    @Option(
        help: ArgumentHelp("What stands before the name of every metric; may be empty.", valueName: "text"),
        transform: MetricsPrefix.init(parsing:)
    )
    var metricsPrefix = MetricsPrefix.kee

    @OptionGroup var logging: LoggingOptions

    func run() async throws {
        let access = try access.settings(listen: listen)
        guard (1...100).contains(databaseConnections) else {
            throw ProgramExit.usage("--database-connections \(databaseConnections) is not from 1 to 100")
        }
        guard (Duration.milliseconds(100)...Duration.seconds(600)).contains(requestTimeout) else {
            throw ProgramExit.usage("--request-timeout \(DurationText.text(requestTimeout)) is not from 100ms to 10m")
        }
        guard (1...10_000).contains(liveListeners) else {
            throw ProgramExit.usage("--live-listeners \(liveListeners) is not from 1 to 10000")
        }
        try exports.check()
        logging.bootstrap()
        try await QueryService.run(
            QueryService.Settings(
                databaseURL: Secret(try database.url()),
                databaseConnections: databaseConnections,
                listen: listen,
                managementListen: managementListen,
                limits: try listener.limits(),
                tlsFiles: try listener.tlsFiles(),
                cors: try listener.cors(),
                rates: try rates.rules(),
                rateKey: rates.rateLimitBy,
                access: access,
                requestTimeout: requestTimeout,
                liveListeners: liveListeners,
                exports: exports,
                isMigrating: !noMigrate,
                metricsPrefix: metricsPrefix
            )
        )
    }
}
