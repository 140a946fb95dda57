public import CoreMetrics
public import HummingbirdCore
public import NIOCore
public import ServiceLifecycle

/// The event listener's parts, for whoever builds an application on it.
public struct EventListening: Sendable {
    private let book: ConnectionBook
    private let tls: TLSCertificate?
    private let refusals: Refusals

    /// - Parameters:
    ///   - limits: the bounds, and how long clients are waited for.
    ///   - tls: the certificate; nil for plain HTTP/1.1.
    ///   - refusals: what is said to those that get no further.
    ///   - metrics: where the metrics of connections go.
    public init(limits: ListenerLimits, tls: TLSCertificate?, refusals: Refusals, metrics: any MetricsFactory) {
        book = ConnectionBook(limits: limits, metrics: ListenerMetrics(factory: metrics))
        (self.tls, self.refusals) = (tls, refusals)
    }

    /// Sets up and serves each connection.
    public var server: HTTPServerBuilder {
        HTTPServerBuilder { responder in
            EventChannel(responder: responder, book: book, tls: tls, refusals: refusals)
        }
    }

    /// What has to run beside the server.
    public var services: [any Service] {
        [ConnectionSweep(book: book)] + (tls.map { [$0] } ?? [])
    }

    /// Told of the listening socket, so that a connection that cannot be accepted does not end it.
    public func started(_ server: any Channel) async {
        try? await server.eventLoop.submit { [metrics = book.metrics] in
            try server.pipeline.syncOperations.addHandler(AcceptErrorHandler(metrics: metrics), position: .first)
        }.get()
    }

    /// True while clients do not take what waits for them, and no more should be made.
    public var isOverBudget: Bool { book.isOverBudget }
}
