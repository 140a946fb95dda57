import NIOCore
import NIOPosix
import NIOSSL

/// A proxy on 127.0.0.1 that makes tunnels, and notes for whom.
public final class TestProxy: Sendable {
    /// What it speaks.
    public enum Kind: Sendable {
        /// `CONNECT` of HTTP/1.1.
        case connect
        /// RFC 1928, with the password of RFC 1929 when one is offered.
        case socks5
    }

    /// What it has seen.
    public struct Log: Sendable {
        /// `host:port` of each tunnel, in order.
        public var tunnels: [String] = []
        /// What clients have shown: the value of `Proxy-Authorization`, or `name:password`.
        public var credentials: [String] = []
    }

    /// The free port that it got.
    public let port: Int
    private let log: Observed<Log>

    /// What it has seen until now.
    public var seen: Log { log.value }

    private init(port: Int, log: Observed<Log>) {
        self.port = port
        self.log = log
    }

    /// Runs a proxy as long as `body` does.
    ///
    /// - Parameters:
    ///   - certificate: PEM files of its certificate and key, to be spoken to by TLS; nil for plain.
    ///   - refuses: answers 407 to everybody instead of making a tunnel (`connect` alone).
    public static func run<Result: Sendable>(
        _ kind: Kind,
        certificate: (certificate: String, key: String)? = nil,
        refuses: Bool = false,
        while body: (TestProxy) async throws -> Result
    ) async throws -> Result {
        let tls = try certificate.map { files in
            try NIOSSLContext(
                configuration: .makeServerConfiguration(
                    certificateChain: try NIOSSLCertificate.fromPEMFile(files.certificate).map { .certificate($0) },
                    privateKey: .privateKey(try NIOSSLPrivateKey(file: files.key, format: .pem))
                )
            )
        }
        let log = Observed(Log())
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                    try pipeline.addHandler(Handshake(kind, refuses: refuses, log: log))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let proxy = TestProxy(port: listener.localAddress?.port ?? 0, log: log)
        defer { listener.close(promise: nil) }
        return try await body(proxy)
    }
}

/// Reads until it knows where to, and then passes on whatever comes.
private final class Handshake: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State { case greeting, password, request, connecting, open(any Channel) }

    private let kind: TestProxy.Kind
    private let refuses: Bool
    private let log: Observed<TestProxy.Log>
    private var state = State.greeting
    private var bytes: [UInt8] = []

    init(_ kind: TestProxy.Kind, refuses: Bool, log: Observed<TestProxy.Log>) {
        self.kind = kind
        self.refuses = refuses
        self.log = log
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        if case .open(let peer) = state { return peer.writeAndFlush(buffer, promise: nil) }
        bytes += buffer.readableBytesView
        switch kind {
        case .connect: readConnect(context)
        case .socks5: readSOCKS(context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if case .open(let peer) = state { peer.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func readConnect(_ context: ChannelHandlerContext) {
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.hasSuffix("\r\n\r\n") else { return }
        let lines = text.split(separator: "\r\n")
        for line in lines where line.lowercased().hasPrefix("proxy-authorization: ") {
            log.change { $0.credentials.append(String(line.dropFirst("proxy-authorization: ".count))) }
        }
        let words = lines[0].split(separator: " ")
        guard words[0] == "CONNECT", !refuses else {
            send(Array("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n".utf8), context)
            return context.close(promise: nil)
        }
        let place = words[1].split(separator: ":")
        connect(String(place[0]), Int(place[1]) ?? 0, saying: Array("HTTP/1.1 200 OK\r\n\r\n".utf8), context)
    }

    private func readSOCKS(_ context: ChannelHandlerContext) {
        switch state {
        case .greeting:
            guard bytes.count >= 2, bytes.count >= 2 + Int(bytes[1]) else { return }
            let takesPassword = bytes[2...].contains(2)
            bytes = []
            state = takesPassword ? .password : .request
            send([5, takesPassword ? 2 : 0], context)
        case .password:
            guard bytes.count >= 2, bytes.count >= 3 + Int(bytes[1]) else { return }
            let name = bytes[2..<(2 + Int(bytes[1]))]
            let password = bytes[(3 + name.count)...]
            guard password.count >= Int(bytes[2 + name.count]) else { return }
            let shown = String(decoding: name + [UInt8(ascii: ":")] + password, as: UTF8.self)
            log.change { $0.credentials.append(shown) }
            bytes = []
            state = .request
            send([1, 0], context)
        case .request:
            // An IPv4 address is all that the tests ask for.
            guard bytes.count >= 10, bytes[3] == 1 else { return }
            let host = bytes[4..<8].map { String($0) }.joined(separator: ".")
            connect(host, Int(bytes[8]) << 8 | Int(bytes[9]), saying: [5, 0, 0, 1, 0, 0, 0, 0, 0, 0], context)
        case .connecting, .open: break
        }
    }

    private func connect(_ host: String, _ port: Int, saying answer: [UInt8], _ context: ChannelHandlerContext) {
        log.change { $0.tunnels.append("\(host):\(port)") }
        state = .connecting
        bytes = []
        let client = context.channel
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        ClientBootstrap(group: context.eventLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Return(client: client))
                }
            }
            .connect(host: host, port: port)
            .whenComplete { result in
                let (handshake, context) = bound.value
                switch result {
                case .success(let peer):
                    handshake.state = .open(peer)
                    handshake.send(answer, context)
                case .failure: context.close(promise: nil)
                }
            }
    }

    private func send(_ answer: [UInt8], _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: answer)), promise: nil)
    }
}

/// The way back.
private final class Return: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let client: any Channel

    init(client: any Channel) {
        self.client = client
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        client.writeAndFlush(unwrapInboundIn(data), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { client.close(promise: nil) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
