import Foundation

/// What proc(5) says of processes. Nil and zero where there is no /proc.
enum ProcessFigures {
    /// Resident memory in kibibytes.
    struct Memory: Sendable {
        /// All of it, with the pages of the program and its libraries.
        let resident: Int
        /// What is nobody else's: heap and stacks.
        let anonymous: Int
    }

    static func memory(of pid: Int32) -> Memory? {
        guard let status = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8) else { return nil }
        func kibibytes(_ name: String) -> Int? {
            let line = status.split(separator: "\n").first { $0.hasPrefix(name + ":") }
            return line?.split(whereSeparator: { " \t".contains($0) }).dropFirst().first.flatMap { Int($0) }
        }
        guard let resident = kibibytes("VmRSS"), let anonymous = kibibytes("RssAnon") else { return nil }
        return Memory(resident: resident, anonymous: anonymous)
    }

    /// Seconds of processor time, user and system together, of one process.
    static func processorTime(of pid: Int32) -> Double { fields(pid).map { seconds($0[11...12]) } ?? 0 }

    /// The same of a process with its children, those that have ended too.
    static func processorTimeOfFamily(of pid: Int32) -> Double {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        let children = entries.compactMap { Int32($0) }.compactMap { fields($0) }.filter { $0[1] == "\(pid)" }
        return children.map { seconds($0[11...12]) }.reduce(0, +) + (fields(pid).map { seconds($0[11...14]) } ?? 0)
    }

    /// The same of all children of this process that have ended.
    static var processorTimeOfEndedChildren: Double {
        var usage = rusage()
        // RUSAGE_CHILDREN, which is a type of its own in Glibc.
        getrusage(-1, &usage)
        return [usage.ru_utime, usage.ru_stime].map { Double($0.tv_sec) + Double($0.tv_usec) * 1e-6 }.reduce(0, +)
    }

    /// From the state on, which follows a name in brackets that may hold anything.
    private static func fields(_ pid: Int32) -> [Substring]? {
        guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let bracket = stat.lastIndex(of: ")")
        else { return nil }
        let fields = stat[stat.index(after: bracket)...].split(separator: " ")
        return fields.count > 14 ? fields : nil
    }

    private static func seconds(_ ticks: some Sequence<Substring>) -> Double {
        ticks.compactMap { Double($0) }.reduce(0, +) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}
