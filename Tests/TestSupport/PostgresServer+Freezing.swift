import Foundation

extension PostgresServer {
    /// Stops all its processes where they are, as a machine that hangs: connections stay, and nobody answers.
    public func freeze() async throws {
        try await Self.blocking {
            let postmaster = try self.postmaster()
            // The postmaster first, so that it starts nothing more.
            for pid in [postmaster] + Self.children(of: postmaster) { _ = Foundation.kill(pid, SIGSTOP) }
        }
    }

    /// Lets them go on.
    public func thaw() async throws {
        try await Self.blocking {
            let postmaster = try self.postmaster()
            for pid in Self.children(of: postmaster) + [postmaster] { _ = Foundation.kill(pid, SIGCONT) }
        }
    }

    private static func children(of parent: Int32) -> [Int32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0) }.filter { pid in
            // The name in parentheses can hold anything; behind it stand the state and the parent.
            guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
                let end = stat.lastIndex(of: ")")
            else { return false }
            let fields = stat[stat.index(after: end)...].split(separator: " ")
            return fields.count > 1 && Int32(fields[1]) == parent
        }
    }
}
