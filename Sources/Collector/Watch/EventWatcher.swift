public import Coverage
internal import JSON
public import KubernetesAPI
public import Logging
public import ServiceLifecycle

/// Watches the events of one namespace, or of all, and brings them to a sink. It acts; `WatchStateMachine` decides.
///
/// Two tasks: one reads lists and the watch into a bounded buffer, the other takes what was gathered to the sink as
/// soon as the delivery before is done. So nothing waits while the sink is quick, and batches grow by themselves while
/// it is not.
public struct EventWatcher: Service {
    /// How it is doing.
    public let status: WatchStatus

    private let client: KubernetesClient
    private let namespace: String?
    private let start: WatchPosition?
    private let sink: any WatchSink
    private let options: WatchOptions
    private let metrics: WatchMetrics
    private let logger: Logger
    /// Tests set the clock on the wall.
    var now: @Sendable () -> WatchMoment = { .now }

    /// - Parameters:
    ///   - namespace: nil for all namespaces.
    ///   - position: what was reached before, to go on from there and to go on with its stretch; nil to begin with a
    ///     list.
    ///   - sink: where the events go.
    ///   - status: where it tells how it is doing.
    public init(
        client: KubernetesClient,
        namespace: String? = nil,
        resumingFrom position: WatchPosition? = nil,
        sink: any WatchSink,
        status: WatchStatus = WatchStatus(),
        options: WatchOptions = WatchOptions(),
        metrics: WatchMetrics = WatchMetrics(),
        logger: Logger
    ) {
        self.client = client
        self.namespace = namespace
        start = position
        self.sink = sink
        self.options = options
        self.metrics = metrics
        var logger = logger
        if let namespace { logger[metadataKey: "namespace"] = "\(namespace)" }
        self.logger = logger
        self.status = status
    }

    /// Watches until the process shuts down gracefully (what was gathered is still delivered), the task is cancelled
    /// (then it is not), or the sink gives up.
    ///
    /// - Throws: what the sink throws. Whatever the API server does is no error here, but waited out; `status` tells.
    public func run() async throws {
        let channel = WatchBatchChannel(namespace: namespace, options: options)
        status.begin(from: start, at: .now)
        defer { status.set(.stopped, at: .now) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await cancelWhenGracefulShutdown {
                    var reader = WatchReader(
                        client: client,
                        namespace: namespace,
                        options: options,
                        channel: channel,
                        status: status,
                        metrics: metrics,
                        logger: logger,
                        now: now
                    )
                    await reader.read(from: start)
                }
                channel.finish()
            }
            group.addTask {
                while let batch = await channel.next() {
                    try await sink.deliver(batch)
                    status.delivered(batch.position)
                }
            }
            // A sink that throws takes the reader along (`waitForAll` would wait for it).
            while try await group.next() != nil {}
        }
    }
}
