/// What the beginning of a text says about the rest.
enum TextForm: Equatable {
    case json
    case yaml
    /// It begins with a bracket, as JSON does, but then goes on as only YAML can: `{kind: Event}`.
    case jsonOrYAML

    /// - Parameters:
    ///   - head: the beginning of the text, without empty lines before it.
    ///   - isAll: whether no more can be had, or is looked at.
    /// - Returns: nil if more has to be seen.
    static func of(_ head: ArraySlice<UInt8>, isAll: Bool) -> TextForm? {
        guard let first = head.first(where: { !isSpace($0) }) else { return isAll ? .json : nil }
        guard isBracket(first) else {
            if first == UInt8(ascii: "-") || first == UInt8(ascii: "%") || first == UInt8(ascii: "#") { return .yaml }
            // A line of a log before JSON, or YAML: a line of YAML does not begin with an object.
            if hasLineOfObject(head) { return .json }
            return isAll ? .yaml : nil
        }
        guard let inside = head.first(where: { !isSpace($0) && !isBracket($0) }) else { return isAll ? .json : nil }
        switch inside {
        case UInt8(ascii: "\""), UInt8(ascii: "}"), UInt8(ascii: "]"): return .json
        default: return .jsonOrYAML
        }
    }

    /// Looks only at what stands before a `---` line: behind it an object is YAML's.
    private static func hasLineOfObject(_ head: ArraySlice<UInt8>) -> Bool {
        var rest = head
        while let end = rest.firstIndex(of: 0x0a) {
            rest = rest[(end + 1)...]
            if rest.starts(with: Array("---".utf8)) { return false }
            if rest.starts(with: Array("{\"".utf8)) { return true }
        }
        return false
    }

    private static func isBracket(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") }

    static func isSpace(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x20, 0x0a, 0x0d, 0x09: true
        default: false
        }
    }
}
