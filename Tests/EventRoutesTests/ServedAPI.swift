import HTTPTypes
import Hummingbird
import HummingbirdTesting
import JSON
import LiveTail
import Logging
import NIOCore
import NIOPosix
import PrometheusMetrics
import RateLimit

@testable import EventRoutes

/// The whole HTTP service on a free port.
struct ServedAPI<Repository: EventRepository> {
    let repository: Repository
    let metrics = PrometheusRegistry()
    var problems: @Sendable () -> [String] = { [] }
    var settings: EventAPISettings
    /// What live tails are read from.
    var feed: (any LiveFeed)?

    init(over repository: Repository, callsPerSecond: Double = 0, burst: Int = 1) throws {
        self.repository = repository
        settings = EventAPISettings(
            host: "127.0.0.1",
            port: 0,
            ratePolicy: try RatePolicy(perSecond: callsPerSecond, burst: burst)
        )
    }

    func application(
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) -> some ApplicationProtocol {
        EventAPI.build(
            repository: repository,
            settings: settings,
            metrics: metrics,
            problems: problems,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            feed: feed,
            onListening: onListening
        )
    }

    func run<Result>(_ test: @escaping @Sendable (any TestClientProtocol) async throws -> Result) async throws -> Result
    {
        try await application().test(.live) { try await test($0) }
    }

    /// A metric's value as Prometheus reads it; nil if there is no such line.
    func metric(_ series: String) -> String? {
        metrics.exposition(.prometheusText).split(separator: "\n").first { $0.hasPrefix(series + " ") }
            .map { String($0.dropFirst(series.count + 1)) }
    }
}

extension ServedAPI<MemoryRepository> {
    init(_ repository: MemoryRepository = .filled(3), callsPerSecond: Double = 0, burst: Int = 1) throws {
        try self.init(over: repository, callsPerSecond: callsPerSecond, burst: burst)
    }
}

extension TestClientProtocol {
    func get(_ uri: String, agent: String? = nil, accept: String? = nil) async throws -> TestResponse {
        var headers: HTTPFields = [:]
        headers[.userAgent] = agent
        headers[.accept] = accept
        return try await execute(uri: uri, method: .get, headers: headers)
    }
}

extension TestResponse {
    var json: JSONValue {
        get throws { try JSONDocument(parsing: Array(body.readableBytesView)).root }
    }

    var parameter: String? { get throws { try json["parameter"]?.string } }

    /// The names of the events in a list, in order.
    var names: [String] {
        get throws { try json["items"]?.elements.map { $0["metadata"]?["name"]?.string ?? "" } ?? [] }
    }

    var token: String? { get throws { try json["metadata"]?["continue"]?.string } }
}

/// What a server answers to exact bytes, read until it closes the connection.
func answer(to request: String, port: Int) async throws -> String {
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .connect(host: "localhost", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
    return try await channel.executeThenClose { inbound, outbound in
        try await outbound.write(ByteBuffer(string: request))
        var answer = ""
        for try await part in inbound { answer += String(buffer: part) }
        return answer
    }
}

/// A connection that writes, and never reads.
struct SilentClient {
    private let channel: any Channel

    init(port: Int) async throws {
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: false)
            .connect(host: "localhost", port: port)
            .get()
    }

    func write(_ text: String) async throws {
        try await channel.writeAndFlush(ByteBuffer(string: text))
    }

    func close() async throws {
        // The server may have closed it already.
        try? await channel.close()
    }
}
