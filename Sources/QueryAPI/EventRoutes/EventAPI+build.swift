public import CoreMetrics
public import Hummingbird
internal import HummingbirdCore
internal import Listener
public import LiveTail
public import Logging
internal import NIOCore
internal import RateLimit
internal import ServiceLifecycle

/// The HTTP service over the archive.
public enum EventAPI {
    /// Wires everything: the routes over the repository, behind the rate limit, in a server that listens when it is run
    /// and, on graceful shutdown, takes no new work and finishes what is under way.
    /// - Parameters:
    ///   - metrics: where the metrics of requests go.
    ///   - problems: what `/readyz` tells, one line for each part that is not well. Called at each probe, without limit:
    ///     it must not block nor ask the database.
    ///   - feed: what live tails are read from; nil for none.
    ///   - onListening: called once with the port in use.
    public static func build(
        repository: some EventRepository,
        settings: EventAPISettings,
        metrics: any MetricsFactory,
        problems: @escaping @Sendable () -> [String],
        logger: Logger,
        feed: (any LiveFeed)? = nil,
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) -> some ApplicationProtocol {
        let listening = EventListening(
            limits: settings.limits,
            tls: settings.tls,
            refusals: Problem.refusals,
            metrics: metrics
        )
        let requestMetrics = RequestMetrics(factory: metrics)
        let router = Router(context: APIContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: RequestMetricsMiddleware(metrics: requestMetrics))
        if let cors = settings.cors { router.add(middleware: CORSMiddleware(policy: cors)) }
        let rateLimit = RateLimitMiddleware(
            limiter: SharedRateLimiter(rules: settings.rates),
            key: settings.rateKey,
            trustedProxies: settings.limits.trustedProxies,
            metrics: requestMetrics
        )
        // By name it has to wait until the name is known; made-up tokens are then limited by address.
        router.add(middleware: settings.rateKey == .token ? rateLimit.ofUnknown() : rateLimit)
        router.add(
            middleware: InFlightMiddleware(
                places: InFlightPlaces(bound: settings.limits.requestsInFlight),
                isOverBudget: { listening.isOverBudget }
            )
        )
        router.add(middleware: ContentCodingMiddleware())
        router.add(middleware: ProblemMiddleware(metrics: requestMetrics, logger: logger))
        router.add(
            middleware: AccessMiddleware(
                access: settings.access,
                metrics: AccessDenials(factory: metrics),
                timeout: settings.requestTimeout
            )
        )
        if settings.rateKey == .token { router.add(middleware: rateLimit) }
        let tail = feed.map { LiveTail(feed: $0, settings: settings.live, metrics: metrics, logger: logger) }
        let kinds = KindDirectory(repository: repository)
        let events = EventController(
            repository: repository,
            kinds: kinds,
            timeout: settings.requestTimeout,
            exports: ExportService(
                repository: repository,
                settings: settings,
                metrics: ExportMetrics(factory: metrics),
                logger: logger
            ),
            tail: tail,
            liveLimits: LiveStreamLimits(
                writeTimeout: settings.liveWriteTimeout,
                visibilityInterval: settings.visibilityInterval
            )
        )
        router.addRoutes(events.endpoints)
        router.addRoutes(ClusterController(repository: repository, timeout: settings.requestTimeout).endpoints)
        router.addRoutes(NamespaceController(repository: repository, timeout: settings.requestTimeout).endpoints)
        router.addRoutes(CoverageController(repository: repository, timeout: settings.requestTimeout).endpoints)
        router.addRoutes(
            TimelineController(repository: repository, kinds: kinds, timeout: settings.requestTimeout).endpoints
        )
        router.addRoutes(OpenAPIController().endpoints)
        router.addRoutes(
            StatsController(repository: repository, kinds: kinds, timeout: settings.requestTimeout).endpoints
        )
        router.addRoutes(HealthController(problems: problems).endpoints)

        // Hummingbird tells of each start and stop, and of each cancellation as an error; what it cannot go on after, it
        // throws too.
        var quiet = logger
        quiet.logLevel = .critical
        return Application(
            router: router,
            server: listening.server,
            configuration: ApplicationConfiguration(address: .hostname(settings.host, port: settings.port)),
            services: listening.services + (tail.map { [$0 as any Service] } ?? []),
            onServerRunning: { server in
                await listening.started(server)
                await onListening(server.localAddress?.port ?? settings.port)
            },
            logger: quiet
        )
    }
}
