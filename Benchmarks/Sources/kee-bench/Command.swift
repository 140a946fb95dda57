import Foundation

/// Another program, run to its end.
struct Command {
    let program: String
    var arguments: [String] = []
    /// Added to our own environment.
    var environment: [String: String] = [:]

    /// What it printed on standard output; its standard error is ours.
    func output() throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        let pipe = Pipe()
        process.standardOutput = pipe
        try Self.withoutBlockedSignals { try process.run() }
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw BenchError("\(program) ended with status \(process.terminationStatus)")
        }
        return output
    }

    func text() throws -> String { String(decoding: try output(), as: UTF8.self) }

    /// A program inherits the signals that are blocked, and threads of Swift's pool block all: pgbench would never hear
    /// its alarm.
    private static func withoutBlockedSignals(_ body: () throws -> Void) rethrows {
        var (none, before) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try body()
    }
}
