import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

extension ScriptedHTTPServer {
    private typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, ByteBuffer>

    /// Runs a server as long as `body` does.
    public static func run<Result: Sendable>(
        tls: TLS? = nil,
        answer: @escaping Answer,
        while body: @Sendable (ScriptedHTTPServer) async throws -> Result
    ) async throws -> Result {
        let log = Log()
        let context = try tls.map { try sslContext($0, log) }
        let listener = try await listen(context, log)
        let port = listener.channel.localAddress?.port ?? 0
        let server = ScriptedHTTPServer(port: port, isTLS: tls != nil, log: log, answer: answer)
        return try await listener.executeThenClose { connections in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await server.serve(connections) }
                // The server's own failure shows as a refused or unanswered request.
                defer { group.cancelAll() }
                return try await body(server)
            }
        }
    }

    private static func listen(
        _ context: NIOSSLContext?,
        _ log: Log
    ) async throws -> NIOAsyncChannel<(Int, Connection), Never> {
        try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 256)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let number = log.accepted()
                    channel.closeFuture.whenComplete { _ in log.closed() }
                    if let context {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    }
                    try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
                    return (number, try Connection(wrappingChannelSynchronously: channel))
                }
            }
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

    private func serve(_ connections: NIOAsyncChannelInboundStream<(Int, Connection)>) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            for try await (number, connection) in connections {
                group.addTask { await self.serve(connection, number) }
            }
        }
    }

    private func serve(_ connection: Connection, _ number: Int) async {
        let channel = connection.channel
        await withTaskCancellationHandler {
            // A handshake that failed or a connection that broke is the client's affair, and in the log as closed.
            try? await connection.executeThenClose { inbound, _ in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await self.answerAll(inbound, channel, number) }
                    group.addTask { try await channel.closeFuture.get() }
                    defer {
                        group.cancelAll()
                        channel.close(promise: nil)
                    }
                    try await group.next()
                }
            }
        } onCancel: {
            channel.close(promise: nil)
        }
    }

    private func answerAll(
        _ inbound: NIOAsyncChannelInboundStream<HTTPServerRequestPart>,
        _ channel: any Channel,
        _ number: Int
    ) async throws {
        var request = Request(connection: number, method: "", uri: "", headers: [])
        for try await part in inbound {
            switch part {
            case .head(let head):
                let headers = head.headers.map { (name: $0.name, value: $0.value) }
                request = Request(connection: number, method: head.method.rawValue, uri: head.uri, headers: headers)
            case .body(let bytes): request.body += bytes.readableBytesView
            case .end:
                log.received(request)
                for step in await answer(request) { try await perform(step, channel) }
            }
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
