import CoreMetrics
import HTTPTypes
import NIOCore
import NIOHTTP2
import NIOHTTPTypes
import TestSupport
import Testing

@testable import Listener

@Suite("HTTP/2", .timeLimit(.minutes(2)))
struct HTTP2Tests {
    private static func served(_ change: (inout ServedListener) -> Void = { _ in }) throws -> ServedListener {
        let pair = try Certificates.shared().server
        var served = ServedListener()
        served.limits.sweepInterval = .milliseconds(50)
        served.tls = try TLSCertificate(
            certificateFile: pair.certificate,
            keyFile: pair.key,
            metrics: NOOPMetricsHandler.instance,
            logger: quietLogger
        )
        change(&served)
        return served
    }

    @Test func manyRequestsShareAConnection() async throws {
        try await Self.served().run { port in
            let client = try await HTTP2Client(port: port)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        let (status, body) = try await client.get("/")
                        #expect(status == 200)
                        #expect(body == "hello")
                    }
                }
                try await group.waitForAll()
            }
            let (status, body) = try await client.get("/big")
            #expect(status == 200)
            #expect(body.utf8.count == ServedListener.big)
            await client.close()
        }
    }

    @Test func theBoundsAreSaid() {
        var limits = ListenerLimits()
        limits.streamsPerConnection = 7
        let settings = EventChannel.http2(limits).connection.initialSettings
        #expect(settings.contains(HTTP2Setting(parameter: .maxConcurrentStreams, value: 7)))
        #expect(settings.contains(HTTP2Setting(parameter: .maxHeaderListSize, value: 81_920)))
    }

    /// Opens streams and takes them back at once, as of CVE-2023-44487.
    @Test func rapidResetsEndTheConnectionAndNoOther() async throws {
        try await Self.served().run { port in
            let bystander = try await HTTP2Client(port: port)
            let client = try await HTTP2Client(port: port)
            for _ in 0..<1_000 where client.channel.isActive {
                do {
                    let stream = try await client.open()
                    try await stream.executeThenClose { _, outbound in
                        try await outbound.write(.head(HTTP2Client.request("/")))
                    }
                } catch {
                    break
                }
            }
            try await within(.seconds(30), "the end of the connection") {
                try await client.channel.closeFuture.get()
            }
            #expect(try await bystander.get("/").1 == "hello")
            await bystander.close()
        }
    }

    @Test func aFloodOfPingsEndsTheConnection() async throws {
        try await Self.served().run { port in
            let client = try await HTTP2Client(port: port)
            #expect(try await client.get("/").1 == "hello")
            for _ in 0..<1_000 where client.channel.isActive {
                try? await client.write(.ping(HTTP2PingData(withInteger: 7), ack: false))
            }
            try await within(.seconds(30), "the end of the connection") {
                try await client.channel.closeFuture.get()
            }
        }
    }

    @Test func aConnectionWithoutStreamsIsKeptForAWhile() async throws {
        let served = try Self.served { $0.limits.idleTimeout = .milliseconds(700) }
        try await served.run { port in
            let client = try await HTTP2Client(port: port)
            #expect(try await client.get("/").1 == "hello")
            #expect(try await client.get("/").1 == "hello")
            try await within(.seconds(30), "the end of the connection") {
                try await client.channel.closeFuture.get()
            }
        }
    }

    /// With a window of nothing, an answer can never be sent.
    @Test func aStreamWithoutAWindowIsResetAndTheOthersGoOn() async throws {
        let served = try Self.served { $0.limits.writeTimeout = .seconds(1) }
        try await served.run { port in
            let client = try await HTTP2Client(port: port, window: 0)
            await #expect(throws: (any Error).self) {
                try await within(.seconds(30), "the end of the stream") { _ = try await client.get("/big") }
            }
            #expect(client.channel.isActive)
            await client.close()
        }
    }

    @Test func aStreamThatIsTakenBackCancelsItsRequest() async throws {
        let isWaiting = Observed(false)
        let isCancelled = Observed(false)
        let served = try Self.served { served in
            served.gate = {
                isWaiting.change { $0 = true }
                defer { if Task.isCancelled { isCancelled.change { $0 = true } } }
                try await Task.sleep(for: .seconds(60))
            }
        }
        try await served.run { port in
            let client = try await HTTP2Client(port: port)
            let stream = try await client.open()
            try await stream.executeThenClose { _, outbound in
                try await outbound.write(.head(HTTP2Client.request("/wait")))
                try await isWaiting.wait(until: { $0 })
            }
            try await within(.seconds(10), "the cancellation") { _ = try await isCancelled.wait(until: { $0 }) }
            #expect(try await client.get("/").1 == "hello")
            await client.close()
        }
    }
}
