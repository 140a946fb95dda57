import CoreMetrics
import Foundation
import PrometheusMetrics
import Testing

/// Prometheus' own checker, where it is installed (Debian: package prometheus).
let promtool = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    .map { "\($0)/promtool" }.first(where: FileManager.default.isExecutableFile)

@Suite(.enabled(if: promtool != nil)) struct PromtoolTests {
    /// What promtool says of a text, and its exit code.
    func check(_ text: String) throws -> (output: String, status: Int32) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(promtool))
        process.arguments = ["check", "metrics"]
        let input = Pipe()
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
        try input.fileHandleForWriting.close()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (said, process.terminationStatus)
    }

    @Test func findsNothingToSay() throws {
        let registry = PrometheusRegistry(descriptions: [
            MetricDescription("events_sent", help: "Events that were committed.", kind: .counter)
        ])
        registry.registerBuildInfo(version: "1.0.0", revision: "abc\"def\\")
        registry.registerProcessMetrics()
        Counter(label: "events_sent", dimensions: [("cluster", "a\nb\"c\\d")], factory: registry).increment()
        FloatingPointCounter(label: "cost_total", factory: registry).increment(by: 1.5)
        Gauge(label: "spool_bytes", factory: registry).record(1e12)
        Timer(label: "request_processing", dimensions: [("route", "/events/{cluster}")], factory: registry)
            .recordNanoseconds(12_345_678)
        _ = Timer(label: "database_wait", factory: registry)
        Recorder(label: "batch_size", factory: registry).record(1000)
        let said = try check(registry.exposition(.prometheusText))
        #expect(said.output == "")
        #expect(said.status == 0)
    }

    @Test func wouldSaySomething() throws {
        #expect(try check("kee_hits{a=\"1\"} 1\n").output.contains("kee_hits"))
    }
}
