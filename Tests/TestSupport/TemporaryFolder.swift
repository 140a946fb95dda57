import Foundation

/// A folder of a test's own, that goes with it.
public final class TemporaryFolder: Sendable {
    /// Without a slash at its end.
    public let path: String

    /// Makes it.
    public init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "kee-kubernetes-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path(percentEncoded: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file in it and returns its path.
    @discardableResult
    public func write(_ text: String, to name: String) throws -> String {
        let file = path + "/" + name
        try Data(text.utf8).write(to: URL(filePath: file))
        return file
    }
}
