import Foundation

extension ProgramRun {
    /// The most memory that it has had resident until now, in bytes (`VmHWM`); nil where there is no such file.
    public var peakMemory: Int? {
        guard let status = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8) else { return nil }
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first
            .flatMap { Int($0) }.map { $0 << 10 }
    }
}
