import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

extension ScriptedHTTPServer {
    /// A connection that was accepted, and its requests in order.
    private struct Connection: Sendable {
        var channel: any Channel
        var requests: AsyncStream<Request>
    }

    /// Runs a server as long as `body` does.
    public static func run<Result: Sendable>(
        tls: TLS? = nil,
        answer: @escaping Answer,
        while body: @Sendable (ScriptedHTTPServer) async throws -> Result
    ) async throws -> Result {
        let log = Log()
        let context = try tls.map { try sslContext($0, log) }
        let (connections, accepting) = AsyncStream.makeStream(of: Connection.self)
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 256)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    accepting.yield(try accept(channel, context, log))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = listener.localAddress?.port ?? 0
        let server = ScriptedHTTPServer(port: port, isTLS: tls != nil, log: log, answer: answer)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await server.serve(connections) }
            defer {
                listener.close(promise: nil)
                accepting.finish()
                group.cancelAll()
            }
            return try await body(server)
        }
    }

    private static func accept(_ channel: any Channel, _ context: NIOSSLContext?, _ log: Log) throws -> Connection {
        let number = log.accepted()
        channel.closeFuture.whenComplete { _ in log.closed() }
        let (requests, receiving) = AsyncStream.makeStream(of: Request.self)
        let pipeline = channel.pipeline.syncOperations
        if let context { try pipeline.addHandler(NIOSSLServerHandler(context: context)) }
        try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
        try pipeline.addHandler(RequestCollector(connection: number, log: log, receiving: receiving))
        return Connection(channel: channel, requests: requests)
    }

    private static func sslContext(_ tls: TLS, _ log: Log) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(tls.certificate).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: tls.key, format: .pem))
        )
        if let authority = tls.clientAuthority {
            configuration.certificateVerification = .noHostnameVerification
            configuration.trustRoots = .file(authority)
        }
        configuration.sslContextCallback = { values, promise in
            log.named(values.serverHostname)
            promise.succeed(.noChanges)
        }
        return try NIOSSLContext(configuration: configuration)
    }

    private func serve(_ connections: AsyncStream<Connection>) async {
        await withDiscardingTaskGroup { group in
            for await connection in connections {
                group.addTask { await self.serve(connection) }
            }
            // Those that nobody came to serve are closed all the same.
            for await connection in connections { connection.channel.close(promise: nil) }
        }
    }

    private func serve(_ connection: Connection) async {
        let channel = connection.channel
        await withTaskCancellationHandler {
            await withTaskGroup(of: Void.self) { group in
                // A connection that broke is the client's affair, and in the log as closed.
                group.addTask { try? await self.answerAll(connection) }
                group.addTask { try? await channel.closeFuture.get() }
                await group.next()
                group.cancelAll()
                channel.close(promise: nil)
            }
        } onCancel: {
            channel.close(promise: nil)
        }
    }

    private func answerAll(_ connection: Connection) async throws {
        for await request in connection.requests {
            for step in await answer(request) { try await perform(step, connection.channel) }
        }
    }

    private func perform(_ step: Step, _ channel: any Channel) async throws {
        switch step {
        case .send(let bytes):
            try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
            log.sent(bytes.count)
        case .wait(let gate): try await gate.wait()
        case .open(let gate): gate.open()
        case .close: try await channel.close().get()
        case .reset:
            if let socket = channel as? any SocketOptionProvider {
                try await socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
            }
            try await channel.close().get()
        case .silence: try await Gate().wait()
        }
    }
}

/// Puts a connection's requests together.
private final class RequestCollector: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart

    private var request: ScriptedHTTPServer.Request
    private let log: ScriptedHTTPServer.Log
    private let receiving: AsyncStream<ScriptedHTTPServer.Request>.Continuation

    init(
        connection: Int,
        log: ScriptedHTTPServer.Log,
        receiving: AsyncStream<ScriptedHTTPServer.Request>.Continuation
    ) {
        request = ScriptedHTTPServer.Request(connection: connection, method: "", uri: "", headers: [])
        self.log = log
        self.receiving = receiving
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            request.method = head.method.rawValue
            request.uri = head.uri
            request.headers = head.headers.map { (name: $0.name, value: $0.value) }
            request.body = []
        case .body(let bytes): request.body += bytes.readableBytesView
        case .end:
            log.received(request)
            receiving.yield(request)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        receiving.finish()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A handshake that failed, or bytes that are no HTTP.
        context.close(promise: nil)
    }
}
