import Management
import NIOCore
import NIOPosix
import Settings
import Testing

@Suite(.timeLimit(.minutes(1))) struct HealthProbeTests {
    @Test func aProgramThatIsWell() async throws {
        try await withManagement { address in
            let everywhere = ListenAddress(host: "0.0.0.0", port: address.port)
            for address in [address, everywhere] {
                let result = await HealthProbe.run(address)
                #expect(result.line == "ok")
                #expect(result.exitCode == 0)
            }
        }
    }

    @Test func aProgramThatIsNot() async throws {
        let readiness = [HealthCheck("database") { "refused" }, HealthCheck("watch") { "stalled" }]
        try await withManagement(readiness: readiness) { address in
            let result = await HealthProbe.run(address)
            #expect(result.line == "\(address)/readyz: 503 database: refused; watch: stalled")
            #expect(result.exitCode == 1)
            #expect(await HealthProbe.run(address, path: "/livez").isHealthy)
        }
    }

    @Test func nobodyThere() async throws {
        // A port that was free a moment ago.
        let free = try await withListener { _ in
        } body: {
            $0
        }
        let result = await HealthProbe.run(free)
        #expect(result.exitCode == 1)
        #expect(result.line == "\(free)/readyz: Connection refused")
    }

    @Test func aNameThatIsNotKnown() async {
        let result = await HealthProbe.run(ListenAddress(host: "no-such-host.invalid", port: 1))
        #expect(result.exitCode == 1)
        #expect(result.line.hasPrefix("no-such-host.invalid:1/readyz: "))
    }

    @Test func somebodyWhoNeverAnswers() async throws {
        try await withListener { _ in
        } body: { address in
            let result = await HealthProbe.run(address, timeout: .milliseconds(200))
            #expect(result.line == "\(address)/readyz: no answer within 0.2 seconds")
            #expect(result.exitCode == 1)
        }
    }

    @Test(arguments: ["SSH-2.0-OpenSSH\r\n", "", "HTTP/1.1 abc\r\n\r\n"])
    func somebodyElse(greeting: String) async throws {
        try await withListener { channel in
            channel.writeAndFlush(ByteBuffer(string: greeting)).whenComplete { _ in channel.close(promise: nil) }
        } body: { address in
            let result = await HealthProbe.run(address)
            #expect(result.exitCode == 1)
            #expect(result.line.hasPrefix("\(address)/readyz: "))
        }
    }

    @Test func anAnswerWithoutEndIsCutOff() async throws {
        try await withListener { channel in
            let line = ByteBuffer(string: "HTTP/1.1 503 no\r\n\r\n" + String(repeating: "x", count: 200_000))
            channel.writeAndFlush(line, promise: nil)
        } body: { address in
            let result = await HealthProbe.run(address)
            #expect(result.exitCode == 1)
            #expect(result.line.contains(": 503 xxx"))
        }
    }

    /// A listener that does as it likes with each connection.
    func withListener<Value: Sendable>(
        _ accepted: @escaping @Sendable (any Channel) -> Void,
        body: @Sendable (ListenAddress) async throws -> Value
    ) async throws -> Value {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Greeter(greet: accepted))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(listener.localAddress?.port)
        do {
            let value = try await body(ListenAddress(host: "127.0.0.1", port: port))
            try await listener.close()
            return value
        } catch {
            try await listener.close()
            throw error
        }
    }
}

/// Greets when a connection is there.
final class Greeter: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    private let greet: @Sendable (any Channel) -> Void

    init(greet: @escaping @Sendable (any Channel) -> Void) { self.greet = greet }
    func channelActive(context: ChannelHandlerContext) { greet(context.channel) }
}
