import Foundation
import JSON
import TestSupport

/// The program `kee-query`, running.
final class QueryProgram: Sendable {
    /// What it has written to standard error so far.
    let log = Observed("")
    /// Its exit status, once it has ended.
    let status = Observed<Int32?>(nil)
    private let process: Process

    /// Starts it with these arguments and nothing in its environment.
    init(_ arguments: [String]) throws {
        process = Process()
        process.executableURL = Self.executable
        process.arguments = arguments
        process.environment = [:]
        let pipe = Pipe()
        process.standardError = pipe
        process.standardOutput = FileHandle.nullDevice
        let (log, status) = (log, status)
        pipe.fileHandleForReading.readabilityHandler = { handle in
            let data = handle.availableData
            if data.isEmpty {
                handle.readabilityHandler = nil
            } else {
                log.change { $0 += String(decoding: data, as: UTF8.self) }
            }
        }
        process.terminationHandler = { process in status.change { $0 = process.terminationStatus } }
        try process.run()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    /// It is built beside the tests.
    private static var executable: URL {
        let tests = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL
        let folder =
            tests?.deletingLastPathComponent()
            ?? URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        return folder.appendingPathComponent("kee-query")
    }

    func terminate() {
        kill(process.processIdentifier, SIGTERM)
    }

    /// Waits until it has ended.
    func end() async throws -> Int32? {
        try await status.wait(until: { $0 != nil })
    }

    /// The port that a listener tells of in the log when it is up.
    func port(of message: String) async throws -> Int {
        let log = try await log.wait(until: { Self.port(of: message, in: $0) != nil })
        return Self.port(of: message, in: log) ?? 0
    }

    private static func port(of message: String, in log: String) -> Int? {
        for line in log.split(separator: "\n") where line.contains(message) {
            guard let entry = try? JSONDocument(parsing: Array(line.utf8)).root else { continue }
            return entry["address"]?.string.flatMap { $0.split(separator: ":").last }.flatMap { Int($0) }
        }
        return nil
    }
}
