import Coverage
import HTTPTransfer
import KubernetesAPI
import Logging
import MetricsTestKit
import TestSupport

@testable import Watch

extension EventWatcherTests {
    /// Waits so short that a test of backing off is quick.
    static var quick: WatchOptions {
        var options = WatchOptions()
        options.firstBackoff = .milliseconds(20)
        options.longestBackoff = .milliseconds(40)
        options.shortestEmptyWatch = .milliseconds(1)
        return options
    }

    func watcher(
        _ server: FakeAPIServer,
        _ sink: RecordingSink,
        namespace: String? = nil,
        from version: String? = nil,
        token: TokenSource = .none,
        status: WatchStatus = WatchStatus(),
        options: WatchOptions = EventWatcherTests.quick,
        limits: KubernetesClient.Limits = KubernetesClient.Limits(),
        timeouts: KubernetesClient.Timeouts = KubernetesClient.Timeouts(),
        metrics: TestMetrics = TestMetrics()
    ) -> EventWatcher {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return EventWatcher(
            client: KubernetesClient(
                configuration: ClientConfiguration(server: server.url, token: token),
                http: HTTPClient(),
                version: "test",
                limits: limits,
                timeouts: timeouts,
                logger: logger
            ),
            namespace: namespace,
            resumingFrom: version.map { position($0) },
            sink: sink,
            status: status,
            options: options,
            metrics: WatchMetrics(factory: metrics),
            logger: logger
        )
    }

    /// A position of an earlier run, that has covered from 1000 s to 2000 s after 1970 unless said otherwise.
    func position(_ version: String, until: Int64 = 2_000_000_000) -> WatchPosition {
        WatchPosition(
            resourceVersion: version,
            stretch: CoverageStretch(since: 1_000_000_000, until: until, cause: .first)
        )
    }

    /// Runs a watcher as long as the body does, then cancels it.
    func running(_ watcher: EventWatcher, _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await watcher.run() }
            try await body()
            group.cancelAll()
        }
    }

    /// What was asked, without the parts that are drawn by lot or the same each time.
    func asked(_ requests: [FakeAPIServer.Request]) -> [String] {
        requests.map { request in
            switch request.kind {
            case .watch: "watch \(request["resourceVersion"] ?? "")"
            case .list where request["limit"] == "1": "compare"
            case .list: request["continue"] == nil ? "list" : "list continued"
            case .version, .lease, .namespace, .object, .other: request.uri
            }
        }
    }

    func names(_ range: Range<Int>) -> [Event] { range.map { Event(name: "e\($0)") } }
}
