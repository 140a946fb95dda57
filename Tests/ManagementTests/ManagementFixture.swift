import Logging
import Management
import NIOCore
import NIOPosix
import PrometheusMetrics
import ServiceLifecycle
import Settings

/// Runs a management listener on a free port while `body` runs, then shuts it down gracefully and waits for its end.
func withManagement(
    metrics: PrometheusRegistry = PrometheusRegistry(),
    liveness: [HealthCheck] = [],
    readiness: [HealthCheck] = [],
    body: @Sendable (ListenAddress) async throws -> Void
) async throws {
    let (addresses, told) = AsyncStream.makeStream(of: ListenAddress.self)
    var logger = Logger(label: "management.tests")
    logger.logLevel = .critical
    let server = ManagementServer(
        address: ListenAddress(host: "127.0.0.1", port: 0),
        metrics: metrics,
        liveness: liveness,
        readiness: readiness,
        logger: logger,
        onListening: { told.yield($0) }
    )
    let group = ServiceGroup(configuration: .init(services: [server], logger: logger))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        for await address in addresses {
            // The listener must end even when the body fails.
            do {
                try await body(address)
            } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
            break
        }
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
    }
}

/// A connection on which a test writes whatever it likes.
func withConnection<Value: Sendable>(
    to address: ListenAddress,
    body:
        @Sendable (NIOAsyncChannelInboundStream<ByteBuffer>, NIOAsyncChannelOutboundWriter<ByteBuffer>) async throws
        -> Value
) async throws -> Value {
    try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .connect(host: address.host, port: address.port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
        .executeThenClose(body)
}

/// Writes bytes and reads until the other side closes.
func exchange(_ request: String, with address: ListenAddress) async throws -> Answer {
    try await withConnection(to: address) { inbound, outbound in
        try await outbound.write(ByteBuffer(string: request))
        var all = ByteBuffer()
        for try await part in inbound { all.writeImmutableBuffer(part) }
        return Answer(String(buffer: all))
    }
}

/// A request of its own connection.
func send(
    _ method: String,
    _ path: String,
    fields: [String] = [],
    to address: ListenAddress
) async throws -> Answer {
    let lines = ["\(method) \(path) HTTP/1.1", "Host: test", "Connection: close"] + fields
    return try await exchange(lines.map { $0 + "\r\n" }.joined() + "\r\n", with: address)
}

/// A GET of its own connection.
func send(_ path: String, fields: [String] = [], to address: ListenAddress) async throws -> Answer {
    try await send("GET", path, fields: fields, to: address)
}

/// An HTTP answer, taken apart.
struct Answer: Sendable {
    let status: Int
    let fields: [String: String]
    let body: String

    init(_ text: String) {
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        let lines = (parts.first ?? "").split(separator: "\r\n")
        status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            let pair = line.split(separator: ":", maxSplits: 1)
            guard pair.count == 2 else { continue }
            fields[pair[0].lowercased()] = String(pair[1].drop { $0 == " " })
        }
        self.fields = fields
        body = parts.count > 1 ? String(parts[1]) : ""
    }
}
