import Access
import EventReader
import EventRoutes
import Hummingbird
import KubernetesAPI
import Listener
import LiveTail
import Logging
import Management
import Metrics
import Postgres
import PrometheusMetrics
import RateLimit
import ServiceLifecycle
import Settings
import UnixSignals

/// The parts of the service, wired and run together.
enum QueryService {
    struct Settings: Sendable {
        var databaseURL: Secret
        var databaseConnections: Int
        var listen: ListenAddress
        var managementListen: ListenAddress
        var limits: ListenerLimits
        var tlsFiles: (certificate: String, key: String)?
        var cors: CORSPolicy?
        var rates: RateRules
        var rateKey: RateKey
        var access: AccessSettings
        var requestTimeout: Duration
        var liveListeners: Int
        var exports: ExportOptions
        var isMigrating: Bool
        var metricsPrefix: MetricsPrefix
    }

    /// Requests under way get so long at a shutdown; then they are cancelled, and clients that do not read are left. The
    /// program is to be gone within 10 s.
    static let patience: Duration = .seconds(7)

    /// Runs until SIGTERM or SIGINT.
    static func run(_ settings: Settings) async throws {
        let logger = Logger(label: "kee-query")
        let registry = metrics(settings, logger)
        MetricsSystem.bootstrap(registry)

        let configuration = PostgresConfiguration(
            connectionString: settings.databaseURL.value,
            applicationName: "kee-query",
            sessionSetup: EventReader.sessionSetup + [statementTimeout(settings.requestTimeout)]
        )
        do {
            try configuration.validate()
        } catch {
            throw ProgramExit.usage("--database-url: \(error.message)")
        }
        let pool = PostgresPool(configuration, maxConnections: settings.databaseConnections)
        registry.registerPool(pool)
        let reader = EventReader(pool: pool, logger: logger)
        let archive = ArchiveService(
            reader: reader,
            database: settings.databaseURL,
            isMigrating: settings.isMigrating,
            logger: logger
        )
        let access = try await access(settings.access, reader, logger)
        var api = try api(settings, registry, logger)
        api.access = access
        let services = services(api, settings, access, reader, archive, registry, logger)
        let group = ServiceGroup(configuration: groupConfiguration(services, quiet(logger)))
        do {
            try await group.run()
        } catch {
            await pool.shutdown()
            throw error
        }
        await pool.shutdown()
        logger.info("stopped")
    }

    /// - Throws: `ProgramExit` that names the file which cannot be used, and where.
    private static func access(
        _ settings: AccessSettings,
        _ reader: EventReader,
        _ logger: Logger
    ) async throws -> AccessControl {
        do {
            return try await AccessControl.build(settings, version: ProgramVersion.release, logger: logger) {
                (cluster, limit, deadline) async throws(AccessError) in
                do throws(EventReaderError) {
                    return try await reader.namespaceNames(of: cluster, limit: limit, deadline: deadline)
                } catch {
                    throw .unavailable(detail: "The archive's database does not answer. Try again.")
                }
            }
        } catch let error as AccessFileError {
            throw ProgramExit.failure("\(error)")
        } catch let error as KubeconfigError {
            throw ProgramExit.failure("--review-kubeconfig: \(error)")
        }
    }

    /// In the order of starting; they are shut down in reverse, so that the listener goes first.
    private static func services(
        _ api: EventAPISettings,
        _ settings: Settings,
        _ access: AccessControl,
        _ reader: EventReader,
        _ archive: ArchiveService,
        _ registry: PrometheusRegistry,
        _ logger: Logger
    ) -> [any Service] {
        let management = ManagementServer(
            address: settings.managementListen,
            metrics: registry,
            readiness: [HealthCheck("database") { archive.problem }],
            logger: logger
        )
        let application = EventAPI.build(
            repository: reader,
            settings: api,
            metrics: registry,
            problems: { archive.problem.map { ["database: \($0)"] } ?? [] },
            logger: logger,
            feed: reader,
            onListening: { port in
                let bound = ListenAddress(host: settings.listen.host, port: port)
                logger.info("the events are served", metadata: ["address": "\(bound)"])
            }
        )
        return [archive, management] + access.services + [
            EventListener(application: application, address: settings.listen)
        ]
    }

    /// How events are served, with the certificate read and room made for the connections.
    private static func api(
        _ settings: Settings,
        _ registry: PrometheusRegistry,
        _ logger: Logger
    ) throws -> EventAPISettings {
        var api = EventAPISettings(host: settings.listen.host, port: settings.listen.port, rates: settings.rates)
        api.rateKey = settings.rateKey
        api.requestTimeout = settings.requestTimeout
        api.live.requestTimeout = settings.requestTimeout
        api.live.mostListeners = settings.liveListeners
        settings.exports.apply(to: &api, databaseConnections: settings.databaseConnections)
        api.cors = settings.cors
        api.limits = settings.limits
        api.limits.connections = OpenFileLimit.connections(wanted: settings.limits.connections)
        if api.limits.connections < settings.limits.connections {
            logger.warning(
                "fewer connections than --max-connections: the system's limit of open files is too low (ulimit -n)",
                metadata: ["connections": "\(api.limits.connections)", "wanted": "\(settings.limits.connections)"]
            )
        }
        if let files = settings.tlsFiles {
            do {
                api.tls = try TLSCertificate(
                    certificateFile: files.certificate,
                    keyFile: files.key,
                    metrics: registry,
                    logger: logger
                )
            } catch {
                throw ProgramExit.failure("cannot serve HTTPS: \(error)")
            }
        }
        return api
    }

    private static func groupConfiguration(_ services: [any Service], _ logger: Logger) -> ServiceGroupConfiguration {
        var configuration = ServiceGroupConfiguration(
            services: services,
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        configuration.maximumGracefulShutdownDuration = patience
        return configuration
    }

    /// The group tells of each of its steps, as errors of parts that tell of them themselves.
    private static func quiet(_ logger: Logger) -> Logger {
        var quiet = logger
        quiet.logLevel = .critical
        return quiet
    }

    /// The server's own limit, should a cancellation get lost on the way.
    private static func statementTimeout(_ timeout: Duration) -> String {
        let (seconds, attoseconds) = timeout.components
        return "SET statement_timeout = \(seconds * 1_000 + attoseconds / 1_000_000_000_000_000)"
    }

    private static func metrics(_ settings: Settings, _ logger: Logger) -> PrometheusRegistry {
        let registry = PrometheusRegistry(
            prefix: settings.metricsPrefix,
            descriptions: QueryMetrics.descriptions,
            warn: { logger.warning("\($0)") }
        )
        registry.registerBuildInfo(version: ProgramVersion.release, revision: ProgramVersion.revision)
        registry.registerProcessMetrics()
        return registry
    }
}
