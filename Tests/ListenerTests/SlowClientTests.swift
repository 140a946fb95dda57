import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import Listener

@Suite("Slow clients", .timeLimit(.minutes(3)))
struct SlowClientTests {
    private static let request = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

    /// A connection that writes when it is told to, and reads only if it is to.
    private static func connect(port: Int, isReading: Bool = true) async throws -> any Channel {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: isReading)
            .channelOption(.socketOption(.so_rcvbuf), value: 64 * 1024)
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 16 * 1024))
            .channelOption(.maxMessagesPerRead, value: 1)
            .connect(host: "127.0.0.1", port: port)
            .get()
    }

    private static var limits: ListenerLimits {
        var limits = ListenerLimits()
        limits.sweepInterval = .milliseconds(50)
        return limits
    }

    @Test func aByteNowAndThenIsNoRequest() async throws {
        var served = ServedListener(limits: Self.limits)
        served.limits.headTimeout = .milliseconds(500)
        try await served.run { port in
            let channel = try await Self.connect(port: port)
            try await within(.seconds(30), "the end of the connection") {
                for byte in "GET / HTTP/1.1\r\nHost: " + String(repeating: "x", count: 10_000) {
                    do {
                        try await channel.writeAndFlush(ByteBuffer(string: String(byte)))
                        // The trickle itself.
                        try await Task.sleep(for: .milliseconds(50))
                    } catch is ChannelError {
                        break
                    } catch is IOError {
                        break
                    }
                }
                try await channel.closeFuture.get()
            }
        }
    }

    @Test func aConnectionIsKeptWhileRequestsComeAndNoLonger() async throws {
        var served = ServedListener(limits: Self.limits)
        served.limits.idleTimeout = .milliseconds(700)
        try await served.run { port in
            let text = try await within(.seconds(30), "the end of the connection") {
                try await answer(to: "GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", port: port)
            }
            #expect(text.ranges(of: "hello").count == 2)
        }
    }

    @Test func aBodyIsDroppedAndALargeOneEndsTheConnection() async throws {
        let head = "GET / HTTP/1.1\r\nHost: x\r\nContent-Length:"
        try await ServedListener(limits: Self.limits).run { port in
            let small = head + " 5\r\n\r\nabcde" + Self.request
            #expect(try await answer(to: small, port: port).ranges(of: "hello").count == 2)
            let large = head + " 1000000\r\n\r\n" + String(repeating: "x", count: 100_000)
            let text = try await within(.seconds(30), "the end") { try await answer(to: large, port: port) }
            #expect(text.hasPrefix("HTTP/1.1 200"))
            // However much of it came before the answer, the connection ended without the rest.
        }
    }

    /// Within what it accepts, so that nobody is evicted: they only hold their connections.
    @Test func otherClientsAreAnsweredMeanwhile() async throws {
        try await ServedListener(limits: Self.limits).run { port in
            var channels: [any Channel] = []
            for _ in 0..<200 {
                let channel = try await Self.connect(port: port)
                try await channel.writeAndFlush(ByteBuffer(string: "GET / HTTP/1.1\r\nX-Slow: "))
                channels.append(channel)
            }
            for _ in 0..<50 {
                let channel = try await Self.connect(port: port, isReading: false)
                try await channel.writeAndFlush(ByteBuffer(string: "GET /big HTTP/1.1\r\nHost: x\r\n\r\n"))
                channels.append(channel)
            }
            for _ in 0..<5 {
                // On a busy machine the time of the first of them may be up.
                for channel in channels.prefix(200) { try? await channel.writeAndFlush(ByteBuffer(string: "T")) }
                let start = ContinuousClock.now
                #expect(try await answer(to: Self.request, port: port).hasSuffix("hello"))
                #expect(start.duration(to: .now) < .seconds(5))
            }
            for channel in channels { try? await channel.close() }
        }
    }

    /// More of them than it has room for.
    @Test func thoseWhoSaySomethingTakeTheirPlaces() async throws {
        var served = ServedListener(limits: Self.limits)
        served.limits.connections = 100
        try await served.run { port in
            var channels: [any Channel] = []
            for _ in 0..<80 {
                let channel = try await Self.connect(port: port)
                try await channel.writeAndFlush(ByteBuffer(string: "GET / HTTP/1.1\r\nX-Slow: "))
                channels.append(channel)
            }
            for _ in 0..<20 {
                let channel = try await Self.connect(port: port, isReading: false)
                try await channel.writeAndFlush(ByteBuffer(string: "GET /big HTTP/1.1\r\nHost: x\r\n\r\n"))
                channels.append(channel)
            }
            // A connection that is a second old has had its chance.
            // Until then it is refused, and maybe closed before it has asked.
            try await eventually("an answer", ask: { (try? await answer(to: Self.request, port: port)) ?? "" }) {
                $0.hasSuffix("hello")
            }
            for _ in 0..<50 {
                #expect(try await answer(to: Self.request, port: port).hasSuffix("hello"))
            }
            for channel in channels { try? await channel.close() }
        }
    }

    @Test func whenAllAreAtWorkTheNextIsToldSo() async throws {
        let mayAnswer = Observed(false)
        let waiting = Observed(0)
        var served = ServedListener(limits: Self.limits)
        served.limits.connections = 2
        served.gate = {
            waiting.change { $0 += 1 }
            try await mayAnswer.wait(until: { $0 })
        }
        try await served.run { port in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<2 {
                    group.addTask {
                        let text = try await answer(
                            to: "GET /wait HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                            port: port
                        )
                        #expect(text.hasSuffix("waited"))
                    }
                }
                try await waiting.wait(until: { $0 == 2 })
                let refused = try await answer(to: Self.request, port: port)
                #expect(refused.hasPrefix("HTTP/1.1 503 "))
                #expect(refused.contains("Retry-After: 1\r\n"))
                mayAnswer.change { $0 = true }
                try await group.waitForAll()
            }
            try await eventually("room", ask: { try await answer(to: Self.request, port: port) }) {
                $0.hasSuffix("hello")
            }
        }
    }

    @Test(arguments: [[], ["127.0.0.0/8"]])
    func anAddressHasItsOwnBoundUnlessItIsAProxys(trusted: [String]) async throws {
        let mayAnswer = Observed(false)
        let waiting = Observed(0)
        var served = ServedListener(limits: Self.limits)
        served.limits.connectionsPerAddress = 2
        served.limits.trustedProxies = try trusted.map { try AddressRange(parsing: $0) }
        served.gate = {
            waiting.change { $0 += 1 }
            try await mayAnswer.wait(until: { $0 })
        }
        try await served.run { port in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<2 {
                    group.addTask {
                        _ = try await answer(
                            to: "GET /wait HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                            port: port
                        )
                    }
                }
                try await waiting.wait(until: { $0 == 2 })
                let third = try await answer(to: Self.request, port: port)
                #expect(third.hasPrefix(trusted.isEmpty ? "HTTP/1.1 503 " : "HTTP/1.1 200 "))
                mayAnswer.change { $0 = true }
                try await group.waitForAll()
            }
        }
    }

    @Test func whoTakesNothingOfAnAnswerIsCutOff() async throws {
        var served = ServedListener(limits: Self.limits)
        served.limits.writeTimeout = .seconds(2)
        try await served.run { port in
            let channel = try await Self.connect(port: port, isReading: false)
            try await channel.writeAndFlush(ByteBuffer(string: "GET /big HTTP/1.1\r\nHost: x\r\n\r\n"))
            // It reads on only when it was cut off: then less than all is there to read.
            try await Task.sleep(for: .seconds(5))
            let received = Observed(0)
            try await channel.pipeline.addHandler(CountHandler(received: received)).get()
            try await channel.setOption(.autoRead, value: true).get()
            try await within(.seconds(30), "the end of the connection") { try await channel.closeFuture.get() }
            #expect(received.value < ServedListener.big)
        }
    }

    @Test func whoReadsSlowlyIsNot() async throws {
        var served = ServedListener(limits: Self.limits)
        served.limits.writeTimeout = .seconds(2)
        try await served.run { port in
            let received = Observed(0)
            let channel = try await Self.connect(port: port, isReading: false)
            try await channel.pipeline.addHandler(CountHandler(received: received)).get()
            try await channel.writeAndFlush(
                ByteBuffer(string: "GET /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            )
            // At most 2 MiB in 6 s, three times as long as it may take nothing; then the rest at once.
            let start = ContinuousClock.now
            while start.duration(to: .now) < .seconds(6) {
                channel.read()
                try await Task.sleep(for: .milliseconds(50))
            }
            try await channel.setOption(.autoRead, value: true).get()
            try await within(.seconds(60), "the end") { try await channel.closeFuture.get() }
            #expect(received.value > ServedListener.big)
        }
    }

    private final class CountHandler: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        let received: Observed<Int>

        init(received: Observed<Int>) { self.received = received }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let count = unwrapInboundIn(data).readableBytes
            received.change { $0 += count }
        }
    }
}
