import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import Listener

@Suite("Clients that leave", .timeLimit(.minutes(2)))
struct LeavingTests {
    private static func connect(port: Int) async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true)
                    )
                }
            }
    }

    @Test func whatTheyAskedForIsCancelled() async throws {
        let isWaiting = Observed(false)
        let isCancelled = Observed(false)
        var served = ServedListener()
        served.gate = {
            isWaiting.change { $0 = true }
            defer { if Task.isCancelled { isCancelled.change { $0 = true } } }
            try await Task.sleep(for: .seconds(60))
        }
        try await served.run { port in
            let client = try await Self.connect(port: port)
            let left = try await client.executeThenClose { _, outbound in
                try await outbound.write(ByteBuffer(string: "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n"))
                try await isWaiting.wait(until: { $0 })
                return ContinuousClock.now
            }
            try await within(.seconds(10), "the cancellation") { _ = try await isCancelled.wait(until: { $0 }) }
            #expect(left.duration(to: .now) < .seconds(2))
        }
    }

    /// `printf 'GET ...' | nc -N`: no more to say, and still there.
    @Test func whoOnlyHasNoMoreToSayIsAnsweredIfItIsQuick() async throws {
        let mayAnswer = Observed(false)
        var served = ServedListener()
        served.limits.leavingGrace = .seconds(20)
        served.gate = { try await mayAnswer.wait(until: { $0 }) }
        try await served.run { port in
            for (path, body) in [("/", "hello"), ("/wait", "waited")] {
                let client = try await Self.connect(port: port)
                let text = try await client.executeThenClose { inbound, outbound in
                    try await outbound.write(ByteBuffer(string: "GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n"))
                    outbound.finish()
                    mayAnswer.change { $0 = true }
                    var text = ""
                    for try await part in inbound { text += String(buffer: part) }
                    return text
                }
                #expect(text.hasSuffix(body))
            }
        }
    }
}
