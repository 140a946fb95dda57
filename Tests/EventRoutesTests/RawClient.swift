import HummingbirdTesting
import NIOCore
import NIOPosix
import TestSupport

/// A client that sends exact bytes, and reads as fast or as slowly as a test wants.
final class RawClient: Sendable {
    struct Received: Sendable {
        var bytes: [UInt8] = []
        var count = 0
        var isClosed = false
        /// Whether the connection was reset rather than closed.
        var error: String?

        var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    private final class Collector: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer

        let received: Observed<Received>
        let isKept: Bool

        init(_ received: Observed<Received>, isKept: Bool) {
            (self.received, self.isKept) = (received, isKept)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let buffer = unwrapInboundIn(data)
            received.change { received in
                received.count += buffer.readableBytes
                if isKept { received.bytes += Array(buffer.readableBytesView) }
            }
        }

        func channelInactive(context: ChannelHandlerContext) {
            received.change { $0.isClosed = true }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            received.change { $0.error = "\(error)" }
            context.close(promise: nil)
        }
    }

    let received = Observed(Received())
    private let channel: any Channel

    /// - Parameters:
    ///   - isReading: whether it reads as fast as it can; else only when told to.
    ///   - isKept: whether what is read is kept, or only counted.
    init(port: Int, _ request: String, isReading: Bool = true, isKept: Bool = true) async throws {
        let received = received
        let messages: UInt = isReading ? 16 : 1
        let window: SocketOptionValue = isReading ? 1 << 20 : 4_096
        let piece = isReading ? 65_536 : 1_024
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: isReading)
            .channelOption(.maxMessagesPerRead, value: messages)
            .channelOption(.socketOption(.so_rcvbuf), value: window)
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: piece))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Collector(received, isKept: isKept))
                }
            }
            .connect(host: "127.0.0.1", port: port)
            .get()
        try await channel.writeAndFlush(ByteBuffer(string: request))
    }

    /// Reads up to a kilobyte when it comes.
    func read() { channel.read() }

    /// Until the server closes the connection.
    func end() async throws -> Received { try await received.wait(until: { $0.isClosed }) }

    /// Leaves.
    func close() async throws { try? await channel.close() }
}

extension ServedAPI {
    /// Runs the service while `test` has its port.
    func listen<Result: Sendable>(_ test: @escaping @Sendable (Int) async throws -> Result) async throws -> Result {
        try await application().test(.live) { client in try await test(client.port!) }
    }

    var exportsUnderWay: String? { metric("kee_exports_under_way") }

    /// - Parameter number: as it stands in the metric.
    func exports(become number: String, within limit: Duration = .seconds(30)) async throws {
        try await eventually(
            within: limit,
            "\(number) exports under way",
            ask: { exportsUnderWay },
            until: { $0 == number }
        )
    }
}

extension Substring {
    /// What stands between two lines of an answer, chunks joined. Nil if the last chunk is missing.
    var dechunked: String? {
        var rest = utf8[...]
        var body: [UInt8] = []
        while let end = rest.firstIndex(of: UInt8(ascii: "\r")) {
            guard let size = Int(String(Substring(rest[..<end])), radix: 16) else { return nil }
            rest = rest[end...].dropFirst(2)
            if size == 0 { return String(decoding: body, as: UTF8.self) }
            guard rest.count >= size + 2 else { return nil }
            body += rest.prefix(size)
            rest = rest.dropFirst(size + 2)
        }
        return nil
    }
}

extension RawClient.Received {
    /// Nil if the answer is not complete.
    var chunkedBody: String? {
        guard let head = text.range(of: "\r\n\r\n") else { return nil }
        return text[head.upperBound...].dechunked
    }
}

extension String {
    /// Where another text first stands.
    fileprivate func range(of other: String) -> Range<Index>? {
        utf8.indices.lazy.compactMap { start -> Range<Index>? in
            guard self[start...].utf8.starts(with: other.utf8) else { return nil }
            return start..<self.utf8.index(start, offsetBy: other.utf8.count)
        }.first
    }
}
