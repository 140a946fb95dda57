import Foundation
import Logging
import Testing

@testable import StructuredLogging

@Suite struct LineLogHandlerTests {
    /// What handlers write while `body` runs, by way of a file.
    func written(_ body: (LineSink) async throws -> Void) async throws -> [String] {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("log-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        try #require(descriptor >= 0)
        do {
            defer { close(descriptor) }
            let sink = LineSink(descriptor: descriptor)
            #expect(!sink.isTerminal)
            try await body(sink)
        }
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.isEmpty || text.hasSuffix("\n"))
        return text.split(separator: "\n").map(String.init)
    }

    func logger(_ sink: LineSink, level: Logger.Level = .info, format: LogFormat = .text) -> Logger {
        Logger(label: "kee") { LineLogHandler(label: $0, level: level, format: format, sink: sink) }
    }

    @Test func levelsBelowAreNotWritten() async throws {
        let lines = try await written { sink in
            var logger = logger(sink, level: .notice)
            logger.info("hidden")
            logger.notice("shown")
            logger.logLevel = .debug
            logger.debug("now")
        }
        #expect(lines.count == 2)
        #expect(lines.first?.hasSuffix("NOTE  kee: shown") == true)
        #expect(lines.last?.hasSuffix("DEBUG kee: now") == true)
    }

    @Test func theNearestMetadataWins() async throws {
        let lines = try await written { sink in
            var handler = LineLogHandler(label: "kee", level: .info, format: .text, sink: sink)
            handler.metadataProvider = .init { ["a": "provider", "b": "provider", "c": "provider"] }
            handler[metadataKey: "b"] = "logger"
            handler[metadataKey: "c"] = "logger"
            let made = handler
            var logger = Logger(label: "kee") { _ in made }
            logger[metadataKey: "d"] = "logger"
            logger.info("x", metadata: ["c": "entry"])
        }
        #expect(lines.first?.hasSuffix("kee: x a=provider b=logger c=entry d=logger") == true)
    }

    @Test func linesOfManyThreadsStayWhole() async throws {
        let lines = try await written { sink in
            await withTaskGroup { group in
                for task in 0..<8 {
                    group.addTask {
                        let logger = logger(sink, format: .json)
                        for number in 0..<200 {
                            logger.info(
                                "line",
                                metadata: [
                                    "task": .stringConvertible(task), "pad": "\(String(repeating: "x", count: number))",
                                ]
                            )
                        }
                    }
                }
            }
        }
        #expect(lines.count == 1600)
        #expect(lines.allSatisfy { $0.hasPrefix("{\"time\":\"") && $0.hasSuffix("}") })
    }

    @Test func aLineBeyondTheBoundIsCutBetweenCharacters() async throws {
        let lines = try await written { sink in
            logger(sink).info("\(String(repeating: "é", count: 100_000))")
            logger(sink).info("next")
        }
        #expect(lines.count == 2)
        #expect(lines.first?.utf8.count ?? 0 <= LineSink.longestLine + 3)
        #expect(lines.first?.hasSuffix("é...") == true)
    }

    @Test func aReaderThatIsGoneHarmsNobody() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        close(ends[0])
        signal(SIGPIPE, SIG_IGN)
        logger(LineSink(descriptor: ends[1])).error("nobody reads this")
        close(ends[1])
    }

    @Test func aFullPipeThatDoesNotBlockLosesTheLineInsteadOfHanging() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        try #require(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0)
        let logger = logger(LineSink(descriptor: ends[1]))
        let started = ContinuousClock.now
        // A pipe holds 64 KiB.
        for _ in 0..<3 { logger.error("\(String(repeating: "x", count: 40_000))") }
        #expect(ContinuousClock.now - started < .seconds(5))
        close(ends[0])
        close(ends[1])
    }
}
