public import Foundation
public import JSON

/// Real events to try parsers on, where a checkout has them beside it; they are not part of the repository.
public struct SampleFiles: Sendable {
    /// Where it lies.
    public let url: URL
    /// Its name, without the folder.
    public var name: String { url.lastPathComponent }

    /// The folder that may lie beside the checkout, or that `KEE_SAMPLES` names.
    public static let folder: URL = {
        if let path = ProcessInfo.processInfo.environment["KEE_SAMPLES"] { return URL(filePath: path) }
        let checkout = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return checkout.deletingLastPathComponent().appending(path: "shared")
    }()

    /// All JSON samples that are there; none on a machine without them.
    public static let all: [SampleFiles] = ["corpus", "recordings"].flatMap { folder -> [SampleFiles] in
        let path = Self.folder.appending(path: folder)
        let files = (try? FileManager.default.contentsOfDirectory(at: path, includingPropertiesForKeys: nil)) ?? []
        return files.sorted { $0.path < $1.path }.filter { ["json", "jsonl"].contains($0.pathExtension) }
            .map { SampleFiles(url: $0) }
    }

    /// The documents in the file: one JSON text, or one in each line, or several back to back.
    public func documents() throws -> [JSONValue] {
        let bytes = Array(try Data(contentsOf: url))
        if let document = try? JSONDocument(parsing: bytes) { return [document.root] }
        let lines = bytes.split(separator: UInt8(ascii: "\n"))
        let documents = lines.compactMap { try? JSONDocument(parsing: Array($0)).root }
        return documents.count == lines.count ? documents : []
    }
}
