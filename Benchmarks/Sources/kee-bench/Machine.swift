import Foundation
import Postgres

/// What the figures were measured on.
enum Machine {
    static func line(_ database: Database) async throws -> String {
        let pool = database.pool(connections: 1)
        let result = try await pool.query(
            PostgresStatement("SELECT current_setting('server_version'), current_setting('shared_buffers')"),
            deadline: Database.deadline
        )
        await pool.shutdown()
        let memory = ProcessInfo.processInfo.physicalMemory / (1 << 30)
        var parts = ["\(ProcessInfo.processInfo.activeProcessorCount) cores"]
        if let model { parts.append(model) }
        parts += [
            "\(memory) GiB of memory", ProcessInfo.processInfo.operatingSystemVersionString,
            "PostgreSQL \(result.text(0, 0)) (shared_buffers \(result.text(0, 1)), fsync and synchronous_commit on)",
        ]
        return "machine: " + parts.joined(separator: ", ")
    }

    /// How many processes wanted a core in the last minute, before we began.
    static let load: String? = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8))?
        .split(separator: " ").first.map(String.init)

    private static var model: String? {
        let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
        return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
    }
}
