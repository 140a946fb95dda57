import Foundation

extension FakeAPIServer {
    /// The file in which everything that happens to a store is written down before anybody is told of it: what etcd is
    /// to an API server. A server that is killed goes on from it.
    ///
    /// It is not synced: only processes are killed, never the machine.
    public final class Journal: Sendable {
        /// What the journal says that the store holds.
        public let store: Store
        private let file: Int32

        /// The file in a folder.
        public static func path(in folder: String) -> String { folder + "/journal.ndjson" }

        /// Opens the journal in a folder, or begins one. A last line that is torn is cut off.
        ///
        /// - Throws: `JournalFailure` if it cannot be opened, or a line of it not be read.
        public init(in folder: String, startVersion: Int = 1000) throws {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let path = Self.path(in: folder)
            file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
            guard file >= 0 else { throw JournalFailure("\(path): \(String(cString: strerror(errno)))") }
            let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
            let whole = bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
            if whole < bytes.count { ftruncate(file, off_t(whole)) }
            var store = Store(version: startVersion)
            var start = 0
            while start < whole, let end = Self.newline(in: bytes, from: start) {
                guard let record = Record(line: bytes[start..<end]) else {
                    throw JournalFailure("\(path): what begins at byte \(start) is no record")
                }
                store.replay(record)
                start = end + 1
            }
            store.unwritten = []
            if whole == 0 {
                Record.cluster(uid: store.clusterUID).append(
                    to: &store.unwritten!,
                    version: store.version,
                    time: FakeAPIServer.now
                )
            }
            self.store = store
        }

        deinit { close(file) }

        private static func newline(in bytes: [UInt8], from start: Int) -> Int? {
            bytes.withUnsafeBytes { bytes in
                memchr(bytes.baseAddress! + start, 10, bytes.count - start).map {
                    $0 - UnsafeMutableRawPointer(mutating: bytes.baseAddress!)
                }
            }
        }

        /// Writes what has happened, whole; when it returns, a killed process has not lost it.
        func append(_ bytes: [UInt8]) {
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
                if count < 0 && errno == EINTR { continue }
                // A server that goes on without its journal would make all that follows worthless.
                precondition(count > 0, "the journal cannot be written: \(String(cString: strerror(errno)))")
                rest = rest.dropFirst(count)
            }
        }
    }

    /// A journal cannot be used, and why.
    public struct JournalFailure: Error, CustomStringConvertible {
        /// The file and the reason.
        public let description: String

        init(_ description: String) { self.description = description }
    }
}
