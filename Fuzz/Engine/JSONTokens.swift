/// Where the tokens of a text lie that may be JSON, or was before it was damaged.
struct JSONTokens {
    enum Kind: Equatable { case string, key, scalar, punctuation }

    struct Token {
        var kind: Kind
        var range: Range<Int>
    }

    private(set) var tokens: [Token] = []

    init(_ text: [UInt8]) {
        var position = 0
        while position < text.count {
            let start = position
            switch text[position] {
            case UInt8(ascii: "\""):
                position = Self.endOfString(text, from: position + 1)
                tokens.append(Token(kind: .string, range: start..<position))
            case UInt8(ascii: ":"):
                position += 1
                if let last = tokens.indices.last, tokens[last].kind == .string { tokens[last].kind = .key }
                tokens.append(Token(kind: .punctuation, range: start..<position))
            case UInt8(ascii: ","), UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "["), UInt8(ascii: "]"):
                position += 1
                tokens.append(Token(kind: .punctuation, range: start..<position))
            case 0x20, 0x09, 0x0a, 0x0d:
                position += 1
            default:
                while position < text.count, !Self.ends(text[position]) { position += 1 }
                tokens.append(Token(kind: .scalar, range: start..<position))
            }
        }
    }

    private static func endOfString(_ text: [UInt8], from start: Int) -> Int {
        var position = start
        while position < text.count {
            if text[position] == UInt8(ascii: "\"") { return position + 1 }
            position += text[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        return text.count
    }

    private static func ends(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: ":"), UInt8(ascii: ","), UInt8(ascii: "{"), UInt8(ascii: "}"),
            UInt8(ascii: "["), UInt8(ascii: "]"), 0x20, 0x09, 0x0a, 0x0d:
            true
        default: false
        }
    }

    func random(_ kinds: [Kind], _ random: inout SeededGenerator) -> Range<Int>? {
        // A few tries are enough: all kinds are frequent.
        for _ in 0..<20 {
            guard let token = tokens.randomElement(using: &random) else { return nil }
            if kinds.contains(token.kind) { return token.range }
        }
        return nil
    }
}
