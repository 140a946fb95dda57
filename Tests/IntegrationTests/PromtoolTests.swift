import Foundation
import TestSupport
import Testing

/// Prometheus' own checker: on the PATH, or where `make deps` puts it.
private let promtool: String? = {
    let checkout = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    return (folders + [checkout.appending(path: ".kee/tools/usr/bin").path]).map { $0 + "/promtool" }
        .first(where: FileManager.default.isExecutableFile)
}()

@Suite("promtool check metrics", .enabled(if: promtool != nil), .fewAtOnce, .timeLimit(.minutes(5)))
struct PromtoolTests {
    @Test func isSilentOnBothProgramsAfterTraffic() async throws {
        let database = try await PostgresServer.shared().freshDatabase()
        try await FakeAPIServer.run { api in
            api.put((0..<20).map { FakeAPIServer.Event(name: "e\($0)") })
            api.refuseNext(1, [.list], with: .tooManyRequests)
            let kubeconfig = try Kubeconfig(server: api.url)
            try await withCollector(database, cluster: "a\"b\\c", kubeconfig: kubeconfig.path) { _, collector in
                try await eventually("rows", ask: { try await Database.events(in: database) }) { $0 == 20 }
                try await withQuery(database, ["--rate-limit", "0.001"]) { _, client, query in
                    for (path, agent) in [("/events", "a"), ("/events", "a"), ("/nowhere", "b"), ("/events?x=1", "c")] {
                        _ = try await client.get(path, agent: agent)
                    }
                    for (management, names) in [(collector, Self.collectorMetrics), (query, Self.queryMetrics)] {
                        let metrics = try await management.get("/metrics").text
                        for name in names { #expect(metrics.contains("\n# TYPE \(name) "), "\(name)") }
                        let said = try await Self.check(metrics)
                        #expect(said.output == "")
                        #expect(said.status == 0)
                    }
                }
            }
        }
    }

    @Test func wouldSaySomething() async throws {
        #expect(try await Self.check("kee_hits{a=\"1\"} 1\n").status != 0)
    }

    /// What the contract names.
    static let collectorMetrics = [
        "kee_events_sent_total", "kee_request_processing_seconds", "kee_requests_failed_total",
        "kee_watch_last_event_timestamp_seconds", "kee_build_info",
    ]
    static let queryMetrics = [
        "kee_requests_total", "kee_request_processing_seconds", "kee_rate_limited_total", "kee_build_info",
    ]

    static func check(_ metrics: String) async throws -> (output: String, status: Int32) {
        let folder = try TemporaryDirectory()
        let input = try FileHandle(forReadingFrom: URL(filePath: folder.write(metrics.utf8, to: "metrics")))
        let path = folder.file("output")
        try folder.write([], to: "output")
        let output = try FileHandle(forWritingTo: URL(filePath: path))
        let process = Process()
        process.executableURL = URL(filePath: try #require(promtool))
        process.arguments = ["check", "metrics"]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        return (try String(contentsOfFile: path, encoding: .utf8), process.terminationStatus)
    }
}
