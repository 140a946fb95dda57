import Foundation

/// Bytes of real API servers (1.36.2 and 1.32.13), beside this file: whole HTTP answers, and bodies of watches.
public enum Recordings {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Recordings")

    /// The raw bytes of an answer of another kind than a watch: status line, headers, body.
    public static func answer(_ name: String) throws -> [UInt8] {
        try Array(Data(contentsOf: folder.appending(path: "answers/\(name).http")))
    }

    /// The raw bytes of a watch: `*.http` with headers and chunk framing, `*.jsonl` the body alone.
    public static func watch(_ file: String) throws -> [UInt8] {
        try Array(Data(contentsOf: folder.appending(path: "watches/\(file)")))
    }

    /// The names of all recorded watches, sorted.
    public static let watches: [String] =
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "watches").path)) ?? []).sorted()

    /// The body of a recorded watch, without headers and chunk framing.
    public static func watchBody(_ file: String) throws -> [UInt8] {
        let bytes = try watch(file)
        return file.hasSuffix(".jsonl") ? bytes : body(ofChunked: bytes)
    }

    /// The body of an answer, headers and chunk framing taken off.
    public static func body(of answer: [UInt8]) -> [UInt8] {
        let (head, body) = split(answer)
        return head.lowercased().contains("transfer-encoding: chunked") ? self.body(ofChunked: answer) : body
    }

    private static func split(_ answer: [UInt8]) -> (head: String, body: [UInt8]) {
        guard let end = answer.firstRange(of: Array("\r\n\r\n".utf8)) else { return ("", answer) }
        return (String(decoding: answer[..<end.lowerBound], as: UTF8.self), Array(answer[end.upperBound...]))
    }

    private static func body(ofChunked answer: [UInt8]) -> [UInt8] {
        var rest = split(answer).body[...]
        var body: [UInt8] = []
        while let lineEnd = rest.firstRange(of: Array("\r\n".utf8)) {
            let text = String(decoding: rest[..<lineEnd.lowerBound], as: UTF8.self)
            guard let size = Int(text, radix: 16), size > 0 else { break }
            body += rest[lineEnd.upperBound...].prefix(size)
            rest = rest[lineEnd.upperBound...].dropFirst(size + 2)
        }
        return body
    }
}
