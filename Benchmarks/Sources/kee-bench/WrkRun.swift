import Foundation

/// wrk over several paths in turn.
struct WrkRun {
    private let arguments: [String]

    /// What wrk says at its end.
    struct Report {
        var requestsPerSecond: Double
        /// Milliseconds.
        var p50: Double
        /// Milliseconds.
        var p99: Double
    }

    init(paths: [String], base: String, folder: String) throws {
        let file = "\(folder)/paths.lua"
        let list = paths.map { "\"\($0)\"" }.joined(separator: ", ")
        let script = """
            local paths = { \(list) }
            local requests, turn = {}, 0
            function init()
                for i, path in ipairs(paths) do requests[i] = wrk.format("GET", path) end
            end
            function request()
                turn = turn % #requests + 1
                return requests[turn]
            end
            """
        try Data(script.utf8).write(to: URL(fileURLWithPath: file))
        arguments = ["-c", "16", "-t", "2", "--latency", "-s", file, base]
    }

    func run(seconds: Int) throws -> Report {
        let output = try Command(program: "wrk", arguments: ["-d", "\(seconds)s"] + arguments).text()
        guard !output.contains("Non-2xx"), !output.contains("Socket errors"),
            let rate = output.firstMatch(of: /Requests\/sec: +([0-9.]+)/).flatMap({ Double($0.1) }),
            let p50 = Self.latency(50, output), let p99 = Self.latency(99, output)
        else { throw BenchError("wrk saw errors, or speaks in other words than expected:\n\(output)") }
        return Report(requestsPerSecond: rate, p50: p50, p99: p99)
    }

    private static func latency(_ percentile: Int, _ output: String) -> Double? {
        for match in output.matches(of: /([0-9]+)% +([0-9.]+)(us|ms|s)/) where match.1 == "\(percentile)" {
            guard let value = Double(match.2) else { return nil }
            return match.3 == "us" ? value / 1_000 : match.3 == "s" ? value * 1_000 : value
        }
        return nil
    }
}
