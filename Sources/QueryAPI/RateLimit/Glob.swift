/// A pattern for a User-Agent: `*` is any text, `?` any one byte, everything else itself, letter case included.
public struct Glob: Hashable, Sendable, CustomStringConvertible {
    /// The pattern as it was written.
    public let description: String
    private let pattern: [UInt8]

    /// Any text is a pattern.
    public init(_ pattern: String) {
        description = pattern
        self.pattern = Array(pattern.utf8)
    }

    /// True when the pattern matches all of the text; in steps of at most the product of both lengths.
    public func matches(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { matches($0) }
    }

    private func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var (at, position) = (0, 0)
        /// Behind the last star, and up to where that star has taken the text.
        var retry: (pattern: Int, text: Int)?
        while position < text.count {
            if at < pattern.count, pattern[at] == UInt8(ascii: "*") {
                at += 1
                retry = (at, position)
            } else if at < pattern.count, pattern[at] == UInt8(ascii: "?") || pattern[at] == text[position] {
                (at, position) = (at + 1, position + 1)
            } else if let last = retry {
                retry = (last.pattern, last.text + 1)
                (at, position) = (last.pattern, last.text + 1)
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
