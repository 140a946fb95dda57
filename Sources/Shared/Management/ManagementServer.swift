internal import Hummingbird
internal import HummingbirdCore
public import Logging
internal import NIOCore
public import PrometheusMetrics
public import ServiceLifecycle
public import Settings
internal import Synchronization

/// The management listener of a program: `GET /metrics`, `/livez`, `/readyz`, plain HTTP/1.1.
///
/// Bounded: 64 connections (more wait to be accepted), 16 KiB of headers, 10 s for an idle connection or a request that
/// does not arrive whole. It listens from `run()` until the graceful shutdown, and then finishes what it is answering.
public struct ManagementServer: Service {
    static let connectionBound = 64
    static let headerBound = 16 * 1024
    static let idleTimeout: TimeAmount = .seconds(10)

    private let address: ListenAddress
    private let responder: ManagementResponder
    private let logger: Logger
    private let onListening: @Sendable (ListenAddress) async -> Void

    /// A listener that does not listen yet.
    /// - Parameters:
    ///   - address: where; port 0 takes a free one.
    ///   - metrics: what `/metrics` tells.
    ///   - liveness: what `/livez` asks: only what a restart would cure.
    ///   - readiness: what `/readyz` asks: what the program needs to do its work now.
    ///   - logger: told of the address when it listens.
    ///   - onListening: called once with the address in use, its port known.
    public init(
        address: ListenAddress,
        metrics: PrometheusRegistry,
        liveness: [HealthCheck] = [],
        readiness: [HealthCheck] = [],
        logger: Logger,
        onListening: @escaping @Sendable (ListenAddress) async -> Void = { _ in }
    ) {
        self.address = address
        self.logger = logger
        self.onListening = onListening
        responder = ManagementResponder(
            metrics: metrics,
            liveness: liveness.map { BoundedHealthCheck($0) },
            readiness: readiness.map { BoundedHealthCheck($0) }
        )
    }

    /// Listens until the graceful shutdown.
    /// - Throws: ``ManagementError`` when it cannot listen on its address.
    public func run() async throws {
        let started = Started()
        do {
            try await application(started).run()
        } catch  where !started.isTrue.load(ordering: .relaxed) && !(error is CancellationError) {
            throw ManagementError(address: address, cause: error)
        }
    }

    /// Tells a failure to listen from one that comes later.
    private final class Started: Sendable {
        let isTrue = Atomic(false)
    }

    private func application(_ started: Started) -> some ApplicationProtocol {
        // Hummingbird tells of each start and stop, and of a failure in words of its own beside the error that it throws.
        var quiet = logger
        quiet.logLevel = .critical
        let limits = HTTP1Channel.Configuration.DecoderConfiguration(
            maxHeaderFieldSize: Self.headerBound,
            maxHeaderListSize: Self.headerBound,
            maxHeaderFieldCount: 100
        )
        return Application(
            responder: responder,
            server: .http1(configuration: .init(idleTimeout: Self.idleTimeout, httpDecoderConfiguration: limits)),
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port),
                availableConnectionsDelegate: .maximum(Self.connectionBound, logger: quiet)
            ),
            onServerRunning: { channel in
                started.isTrue.store(true, ordering: .relaxed)
                let port = channel.localAddress?.port ?? address.port
                let bound = ListenAddress(host: address.host, port: port)
                logger.info("the management listener is up", metadata: ["address": "\(bound)"])
                await onListening(bound)
            },
            logger: quiet
        )
    }
}
