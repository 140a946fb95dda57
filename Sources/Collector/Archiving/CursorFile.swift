import Coverage
import Dispatch
public import EventWriter
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The committed cursors once more, in a file beside the spool: from them a collector goes on that starts while the
/// database is away, and whose spool is empty.
///
/// Written at most once a second and not synced: an older one only means that some events come twice, and identity
/// removes these. A file that cannot be read counts as none.
public final class CursorFile: Sendable {
    private struct State {
        var waiting: [String: WatchPosition]?
        var isScheduled = false
    }

    private let path: String
    private let cluster: String
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "kee.cursor-file")

    /// - Parameter directory: the spool's.
    public init(directory: String, cluster: String) {
        path = directory + "/cursors"
        self.cluster = cluster
    }

    /// Writes them soon, off the cooperative pool; what is noted meanwhile replaces them.
    func note(_ positions: [String: WatchPosition]) {
        let mustSchedule = state.withLock { state in
            defer { state.isScheduled = true }
            state.waiting = positions
            return !state.isScheduled
        }
        guard mustSchedule else { return }
        queue.asyncAfter(deadline: .now() + .seconds(1)) { [self] in writeWaiting() }
    }

    private func writeWaiting() {
        let positions = state.withLock { state in
            defer { state = State() }
            return state.waiting
        }
        if let positions { write(Self.text(positions, of: cluster)) }
    }

    /// What the file says, as the cursors of its cluster; empty if it says nothing that can be used.
    public func read() async -> [WatchCursor] {
        await withCheckedContinuation { continuation in
            queue.async { [self] in continuation.resume(returning: Self.cursors(in: content(), of: cluster)) }
        }
    }

    static func text(_ positions: [String: WatchPosition], of cluster: String) -> String {
        var lines = [[format, cluster]]
        for (namespace, position) in positions.sorted(by: { $0.key < $1.key }) {
            let stretch = position.stretch
            lines.append([
                namespace, position.resourceVersion, String(stretch.since), String(stretch.until),
                stretch.cause.rawValue,
            ])
        }
        return lines.map { $0.joined(separator: "\t") + "\n" }.joined() + end
    }

    static func cursors(in text: String, of cluster: String) -> [WatchCursor] {
        guard text.hasPrefix("\(format)\t\(cluster)\n"), text.hasSuffix("\n" + end) else { return [] }
        return text.split(separator: "\n").dropFirst().dropLast().compactMap { line in
            let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 5, let since = Int64(parts[2]), let until = Int64(parts[3]),
                let cause = CoverageStretch.Cause(rawValue: parts[4])
            else { return nil }
            let stretch = CoverageStretch(since: since, until: until, cause: cause)
            return WatchCursor(
                namespace: parts[0].isEmpty ? nil : parts[0],
                position: WatchPosition(resourceVersion: parts[1], stretch: stretch)
            )
        }
    }

    private static let format = "kee-cursors 1"
    /// A file without it was cut off.
    private static let end = "end\n"
    /// Thousands of namespaces.
    private static let limit = 1 << 20

    private func content() -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: Self.limit)
        let count = fread(&bytes, 1, Self.limit, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// Into a file beside it that then takes its place, so that nobody sees half of it.
    private func write(_ text: String) {
        let new = path + ".new"
        guard let file = fopen(new, "w") else { return }
        let bytes = Array(text.utf8)
        let isWritten = fwrite(bytes, 1, bytes.count, file) == bytes.count
        if fclose(file) == 0, isWritten { rename(new, path) } else { unlink(new) }
    }
}
