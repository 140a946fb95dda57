import CoreMetrics
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import ServiceLifecycle
import TestSupport

@testable import Listener

let quietLogger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

/// A listener with `/`, which answers `hello`, `/big` with 8 MiB, and `/wait`, which answers when the gate lets it.
struct ServedListener {
    static let big = 8 << 20

    var limits = ListenerLimits()
    var tls: TLSCertificate?
    var gate: @Sendable () async throws -> Void = {}

    func run(_ test: @escaping @Sendable (Int) async throws -> Void) async throws {
        let router = Router()
        router.get("/") { _, _ in "hello" }
        router.get("/big") { _, _ in ByteBuffer(repeating: 0x78, count: Self.big) }
        router.get("/wait") { [gate] _, _ in
            try await gate()
            return "waited"
        }
        let body = Array("{}".utf8)
        let listening = EventListening(
            limits: limits,
            tls: tls,
            refusals: Refusals(
                malformed: Refusal(status: "400 Bad Request", body: body),
                headersTooLarge: Refusal(status: "431 Request Header Fields Too Large", body: body),
                tooManyConnections: Refusal(status: "503 Service Unavailable", retryAfter: 1, body: body)
            ),
            metrics: NOOPMetricsHandler.instance
        )
        let port = Observed(0)
        let application = Application(
            router: router,
            server: listening.server,
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            services: listening.services,
            onServerRunning: { server in
                await listening.started(server)
                port.change { $0 = server.localAddress?.port ?? 0 }
            },
            logger: quietLogger
        )
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(services: [application], logger: quietLogger)
        )
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await test(try await port.wait(until: { $0 != 0 }))
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }
}

/// A client in TLS that keeps its connection, and tells which certificate it was shown.
struct TLSClient {
    let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>
    let certificate: EventLoopFuture<[UInt8]>

    static func connect(port: Int, only version: TLSVersion? = nil) async throws -> TLSClient {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .file(try Certificates.shared().authority.certificate)
        configuration.applicationProtocols = ["http/1.1"]
        configuration.minimumTLSVersion = version ?? .tlsv12
        configuration.maximumTLSVersion = version
        let context = try NIOSSLContext(configuration: configuration)
        let shown = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: [UInt8].self)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = try NIOSSLClientHandler(context: context, serverHostname: nil)
                    try channel.pipeline.syncOperations.addHandlers(handler, CertificateHandler(shown: shown))
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return TLSClient(channel: channel, certificate: shown.futureResult)
    }

    private final class CertificateHandler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias InboundOut = ByteBuffer
        private let shown: EventLoopPromise<[UInt8]>

        init(shown: EventLoopPromise<[UInt8]>) { self.shown = shown }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let peer = try? context.pipeline.syncOperations.nioSSL_peerCertificate()
            shown.completeWith(Result { try peer?.toDERBytes() ?? [] })
            context.fireChannelRead(data)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            shown.fail(error)
            context.fireErrorCaught(error)
        }

        func channelInactive(context: ChannelHandlerContext) {
            shown.fail(ChannelError.eof)
            context.fireChannelInactive()
        }
    }
}

/// What a server answers to exact bytes, read until it closes the connection or has said what is wanted.
func answer(to request: String, port: Int, until wanted: String? = nil) async throws -> String {
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
    return try await channel.executeThenClose { inbound, outbound in
        // One that is refused may have its answer, and be closed, before it has asked: what counts is what it reads.
        try? await outbound.write(ByteBuffer(string: request))
        var answer = ""
        for try await part in inbound {
            answer += String(buffer: part)
            if let wanted, answer.contains(wanted) { break }
        }
        return answer
    }
}
