/// One pass over the bytes, strict as RFC 8259 has it, that writes the tape.
struct JSONParser {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let depthLimit: Int
    private var position = 0
    private(set) var tape: [JSONNode] = []

    init(_ bytes: UnsafeBufferPointer<UInt8>, depthLimit: Int) {
        self.bytes = bytes
        self.depthLimit = depthLimit
        tape.reserveCapacity(bytes.count / 20 + 8)
    }

    mutating func parseDocument() throws(JSONError) {
        skipSpace()
        guard position < bytes.count else { throw JSONError(.empty, at: position) }
        try parseValue(depth: 0)
        skipSpace()
        guard position == bytes.count else { throw JSONError(.trailingBytes, at: position) }
    }

    private mutating func parseValue(depth: Int) throws(JSONError) {
        guard position < bytes.count else { throw JSONError(.unexpectedEnd, at: position) }
        switch bytes[position] {
        case UInt8(ascii: "{"): try parseObject(depth: depth + 1)
        case UInt8(ascii: "["): try parseArray(depth: depth + 1)
        case UInt8(ascii: "\""): try parseString()
        case UInt8(ascii: "t"): try parseLiteral("true", .true)
        case UInt8(ascii: "f"): try parseLiteral("false", .false)
        case UInt8(ascii: "n"): try parseLiteral("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try parseNumber()
        case let byte: throw JSONError(.unexpectedByte(byte), at: position)
        }
    }

    private mutating func parseObject(depth: Int) throws(JSONError) {
        let node = try open(.object, depth: depth)
        if try !closes(with: UInt8(ascii: "}")) {
            repeat {
                skipSpace()
                try expect(UInt8(ascii: "\""))
                try parseString()
                skipSpace()
                try expect(UInt8(ascii: ":"))
                position += 1
                skipSpace()
                try parseValue(depth: depth)
            } while try !endsElement(before: UInt8(ascii: "}"))
        }
        close(node)
    }

    private mutating func parseArray(depth: Int) throws(JSONError) {
        let node = try open(.array, depth: depth)
        if try !closes(with: UInt8(ascii: "]")) {
            repeat {
                skipSpace()
                try parseValue(depth: depth)
            } while try !endsElement(before: UInt8(ascii: "]"))
        }
        close(node)
    }

    private mutating func open(_ kind: JSONNode.Kind, depth: Int) throws(JSONError) -> Int {
        guard depth <= depthLimit else { throw JSONError(.tooDeep(limit: depthLimit), at: position) }
        tape.append(JSONNode(kind: kind, string: [], start: UInt32(truncatingIfNeeded: position), end: 0, next: 0))
        position += 1
        return tape.count - 1
    }

    private mutating func close(_ node: Int) {
        tape[node].end = UInt32(truncatingIfNeeded: position)
        tape[node].next = UInt32(truncatingIfNeeded: tape.count)
    }

    /// Consumes the closing bracket of an empty container, if that comes next.
    private mutating func closes(with bracket: UInt8) throws(JSONError) -> Bool {
        skipSpace()
        guard position < bytes.count else { throw JSONError(.unexpectedEnd, at: position) }
        guard bytes[position] == bracket else { return false }
        position += 1
        return true
    }

    /// Consumes the comma behind an element (false) or the closing bracket (true).
    private mutating func endsElement(before bracket: UInt8) throws(JSONError) -> Bool {
        skipSpace()
        guard position < bytes.count else { throw JSONError(.unexpectedEnd, at: position) }
        let byte = bytes[position]
        guard byte == bracket || byte == UInt8(ascii: ",") else { throw JSONError(.unexpectedByte(byte), at: position) }
        position += 1
        return byte == bracket
    }

    private func expect(_ byte: UInt8) throws(JSONError) {
        guard position < bytes.count else { throw JSONError(.unexpectedEnd, at: position) }
        guard bytes[position] == byte else { throw JSONError(.unexpectedByte(bytes[position]), at: position) }
    }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0a, 0x0d, 0x09: position += 1
            default: return
            }
        }
    }

    private mutating func append(_ kind: JSONNode.Kind, from start: Int, string: JSONNode.StringTraits = []) {
        tape.append(
            JSONNode(
                kind: kind,
                string: string,
                start: UInt32(truncatingIfNeeded: start),
                end: UInt32(truncatingIfNeeded: position),
                next: UInt32(truncatingIfNeeded: tape.count + 1)
            )
        )
    }

    private mutating func parseLiteral(_ text: StaticString, _ kind: JSONNode.Kind) throws(JSONError) {
        let start = position
        for offset in 0..<text.utf8CodeUnitCount {
            guard position < bytes.count else { throw JSONError(.unexpectedEnd, at: position) }
            guard bytes[position] == text.utf8Start[offset] else {
                throw JSONError(.unexpectedByte(bytes[position]), at: position)
            }
            position += 1
        }
        append(kind, from: start)
    }

    private mutating func parseNumber() throws(JSONError) {
        let start = position
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        let integer = position
        guard skipDigits() else { throw JSONError(.invalidNumber, at: start) }
        guard position == integer + 1 || bytes[integer] != UInt8(ascii: "0") else {
            throw JSONError(.invalidNumber, at: start)
        }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            guard skipDigits() else { throw JSONError(.invalidNumber, at: start) }
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            guard skipDigits() else { throw JSONError(.invalidNumber, at: start) }
        }
        append(.number, from: start)
    }

    private mutating func skipDigits() -> Bool {
        let start = position
        while position < bytes.count, bytes[position] &- UInt8(ascii: "0") < 10 { position += 1 }
        return position > start
    }

    /// At the opening quote. The node spans what lies between the quotes.
    private mutating func parseString() throws(JSONError) {
        position += 1
        let start = position
        var traits: JSONNode.StringTraits = []
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                append(.string, from: start, string: traits)
                position += 1
                return
            case UInt8(ascii: "\\"):
                traits.insert(.escaped)
                if try skipEscape() { traits.insert(.unstorable) }
            case 0..<0x20:
                throw JSONError(.controlCharacterInString(byte), at: position)
            case 0x80...:
                let length = UTF8Validation.lengthOfScalar(in: bytes, at: position)
                guard length > 0 else { throw JSONError(.invalidUTF8, at: position) }
                position += length
            default:
                position += 1
            }
        }
        throw JSONError(.unexpectedEnd, at: position)
    }

    /// At a backslash. Says whether what it writes is unstorable: U+0000 or half of a surrogate pair.
    private mutating func skipEscape() throws(JSONError) -> Bool {
        guard position + 1 < bytes.count else { throw JSONError(.unexpectedEnd, at: bytes.count) }
        switch bytes[position + 1] {
        case UInt8(ascii: "u"):
            let unit = try escapedUnit(at: position)
            let first = position
            position += 6
            switch unit {
            case 0:
                return true
            case 0xd800..<0xdc00:
                guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
                    bytes[position + 1] == UInt8(ascii: "u")
                else { return true }
                guard case 0xdc00..<0xe000 = try escapedUnit(at: position) else {
                    position = first + 6
                    return true
                }
                position += 6
                return false
            case 0xdc00..<0xe000:
                return true
            default:
                return false
            }
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 2
            return false
        default:
            throw JSONError(.invalidEscape, at: position)
        }
    }

    private func escapedUnit(at start: Int) throws(JSONError) -> UInt16 {
        guard let unit = JSONEscapes.unit(in: bytes, at: start) else { throw JSONError(.invalidEscape, at: start) }
        return unit
    }
}
