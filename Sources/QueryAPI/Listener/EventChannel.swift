internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP2
internal import NIOHTTPTypes
internal import NIOSSL
internal import NIOTLS

/// How each connection of the event listener is set up and served: HTTP/1.1, or over TLS what the client chooses of
/// HTTP/2 and HTTP/1.1.
struct EventChannel: ServerChildChannel {
    struct Value: ServerChildChannelValue {
        let connection: Connection
        let channel: any Channel
    }

    enum Connection: Sendable {
        /// Answered already, and about to be closed.
        case refused
        case plain(HTTP1)
        case secure(EventLoopFuture<Negotiated>)
    }

    enum Negotiated: Sendable {
        case http1(HTTP1)
        case http2(NIOHTTP2Handler.AsyncStreamMultiplexer<HTTP1>)
    }

    /// A connection in HTTP/1.1, or a stream of HTTP/2, which carries one request as the former does.
    struct HTTP1: Sendable {
        let channel: HTTP1Channel.Value
        let presence: ClientPresence
    }

    let responder: HTTPChannelHandler.Responder
    let book: ConnectionBook
    let tls: TLSCertificate?
    let refusals: Refusals

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        switch book.admit(channel) {
        case .refused:
            return channel.eventLoop.makeCompletedFuture {
                let answer = tls == nil ? refusals.tooManyConnections.message : nil
                try channel.pipeline.syncOperations.addHandler(RefusalHandler(answer: answer))
                return Value(connection: .refused, channel: channel)
            }
        case .admitted(let record):
            SentBytes.boundKernelBuffer(of: channel)
            guard let tls else {
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ConnectionHandler(record))
                }.flatMap {
                    setupHTTP1(channel, record, logger)
                }.map { Value(connection: .plain($0), channel: channel) }
            }
            return channel.eventLoop.makeCompletedFuture {
                let pipeline = channel.pipeline.syncOperations
                try pipeline.addHandler(NIOSSLServerHandler(context: tls.context))
                try pipeline.addHandler(ConnectionHandler(record))
                let negotiation = NIOTypedApplicationProtocolNegotiationHandler<Negotiated> { result in
                    switch result {
                    case .negotiated("h2"): setupHTTP2(channel, record, logger)
                    case .negotiated, .fallback: setupHTTP1(channel, record, logger).map { .http1($0) }
                    }
                }
                try pipeline.addHandler(negotiation)
                return Value(connection: .secure(negotiation.protocolNegotiationResult), channel: channel)
            }
        }
    }

    private func setupHTTP1(
        _ channel: any Channel,
        _ record: ConnectionRecord,
        _ logger: Logger
    ) -> EventLoopFuture<HTTP1> {
        let presence = ClientPresence()
        // The decoder takes more than we do, so that a little too much is refused in order, with the right status.
        let http1 = HTTP1Channel(
            responder: responder,
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [
                    MalformedRequestHandler(refusals),
                    RequestHandler(book: book, presence: presence, record: record),
                ],
                httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
                    maxHeaderFieldSize: 64 * 1024,
                    maxHeaderListSize: 80 * 1024,
                    maxHeaderFieldCount: 256
                )
            )
        )
        return http1.setup(channel: channel, logger: logger).map { HTTP1(channel: $0, presence: presence) }
    }

    func handle(value: Value, logger: Logger) async {
        switch value.connection {
        case .refused:
            // Its handler closes it.
            try? await value.channel.closeFuture.get()
        case .plain(let http1):
            await serve(http1, logger)
        case .secure(let negotiation):
            guard let negotiated = try? await negotiation.get() else { return }
            switch negotiated {
            case .http1(let http1): await serve(http1, logger)
            case .http2(let streams): await serve(streams, logger)
            }
        }
    }

    func serve(_ http1: HTTP1, _ logger: Logger) async {
        let channel = HTTP1Channel(responder: responder)
        await http1.presence.whileHere { await channel.handle(value: http1.channel, logger: logger) }
    }
}
