import Foundation
import Synchronization

/// A private folder that goes, with all that is in it, when the last reference does.
public final class TemporaryDirectory: Sendable {
    /// The absolute path.
    public let path: String

    /// Makes the folder under TMPDIR, or under /tmp where that path is too long for a Unix socket in it.
    public init() throws {
        path = try Self.make()
    }

    private let isKept = Mutex(false)

    deinit {
        if !isKept.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: path) }
    }

    /// Leaves the folder where it is, for somebody to look into.
    public func keep() { isKept.withLock { $0 = true } }

    /// The path of a file in the folder.
    public func file(_ name: String) -> String { path + "/" + name }

    /// Writes a file, and returns its path.
    @discardableResult
    public func write(_ content: some Sequence<UInt8>, to name: String) throws -> String {
        try Data(content).write(to: URL(fileURLWithPath: file(name)))
        return file(name)
    }

    static func make() throws -> String {
        let parent = ProcessInfo.processInfo.environment["TMPDIR"].map {
            $0.hasSuffix("/") ? String($0.dropLast()) : $0
        }
        let usable = parent.flatMap { $0.isEmpty || $0.utf8.count > 60 || !isOpenToAll($0) ? nil : $0 } ?? "/tmp"
        var template = Array("\(usable)/kee-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EACCES)
        }
        return String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Whether any user can go into the folder, as the server's must.
    private static func isOpenToAll(_ path: String) -> Bool {
        var path = path
        while path != "/" && !path.isEmpty {
            var status = stat()
            guard stat(path, &status) == 0, status.st_mode & S_IXOTH != 0 else { return false }
            path = (path as NSString).deletingLastPathComponent
        }
        return true
    }
}
