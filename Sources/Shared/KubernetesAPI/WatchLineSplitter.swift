/// Cuts the body of a watch into lines, wherever the chunks that carry it are cut. Pure: bytes in, lines out.
///
/// API servers send frames of 2048 bytes that split JSON lines in the middle. A line longer than the limit is not
/// kept: of it, only the first 4 KiB and its length are handed out, and what follows it is read as if nothing were.
public struct WatchLineSplitter: Sendable {
    /// A line, without its line end.
    public enum Line: Sendable, Equatable {
        case complete([UInt8])
        /// Longer than the limit: how it begins, and how many bytes it had.
        case oversized(prefix: [UInt8], length: Int)
    }

    /// How much is kept of a line that is too long: enough for the names at the head of an object.
    static let keptPrefix = 4096

    private let limit: Int
    private var chunk: [UInt8] = []
    private var position = 0
    /// The beginning of a line whose end has not come yet: never longer than `limit`.
    private var unfinished: [UInt8] = []
    /// How many bytes of an oversized line have passed, when we are inside one.
    private var oversizedLength: Int?

    /// - Parameter limit: the longest line in bytes.
    public init(limit: Int = 8 << 20) {
        self.limit = max(limit, 1)
    }

    /// Takes the next chunk. Call `next()` until it returns nil before giving another.
    public mutating func append(_ bytes: [UInt8]) {
        if position < chunk.count {
            chunk.removeFirst(position)
            chunk.append(contentsOf: bytes)
        } else {
            chunk = bytes
        }
        position = 0
    }

    /// The next line that is complete, nil if more bytes are needed. Empty lines are passed over.
    public mutating func next() -> Line? {
        while position < chunk.count {
            let start = position
            guard let end = Self.newline(in: chunk, from: start) else {
                keep(chunk[start...])
                chunk = []
                position = 0
                return nil
            }
            position = end + 1
            keep(chunk[start..<end])
            if let line = takeLine() { return line }
        }
        return nil
    }

    /// What is left when the stream has ended: a last line without its line end, if any.
    public mutating func finish() -> Line? {
        next() ?? takeLine()
    }

    private mutating func keep(_ bytes: ArraySlice<UInt8>) {
        if let length = oversizedLength {
            oversizedLength = length + bytes.count
        } else if unfinished.count + bytes.count > limit {
            oversizedLength = unfinished.count + bytes.count
            unfinished.append(contentsOf: bytes.prefix(Self.keptPrefix))
            unfinished = Array(unfinished.prefix(Self.keptPrefix))
        } else {
            unfinished.append(contentsOf: bytes)
        }
    }

    private mutating func takeLine() -> Line? {
        let line = unfinished
        unfinished = []
        if let length = oversizedLength {
            oversizedLength = nil
            return .oversized(prefix: line, length: length)
        }
        let isBlank = line.allSatisfy { $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: " ") }
        return isBlank ? nil : .complete(line)
    }

    private static func newline(in bytes: [UInt8], from start: Int) -> Int? {
        bytes.withUnsafeBufferPointer { buffer in
            buffer[start...].firstIndex(of: UInt8(ascii: "\n"))
        }
    }
}
