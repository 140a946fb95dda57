/// Between the elements of a list.
extension DocumentScanner {
    /// Commas are not insisted on: elements are whole without them, and after something broken one is missing.
    mutating func scanList(
        _ bytes: UnsafeBufferPointer<UInt8>,
        from start: Int,
        _ emit: (ScannedPiece) throws -> Void
    ) rethrows -> Int {
        var position = start
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case 0x0a:
                indent = 0
            case 0x20, 0x09:
                indent = indent.map { $0 + 1 }
            case 0x0d:
                break
            case UInt8(ascii: ","):
                root.endsWithComma = true
                indent = nil
            case UInt8(ascii: "]"):
                endList()
                return position + 1
            case UInt8(ascii: "}"), UInt8(ascii: ":"):
                try fail(.unexpected(byte, at: scanned), emit)
                return position
            case UInt8(ascii: "{") where isNewDocument:
                try fail(.endsTooEarly, emit)
                return position
            default:
                beginElement(with: byte, at: scanned)
                scanned += 1
                return position + 1
            }
            position += 1
            scanned += 1
        }
        return position
    }

    /// Whether an object here is a new document, since the list was cut off behind its last element.
    private var isNewDocument: Bool {
        indent == 0 && !root.isEmpty && !root.endsWithComma && root.indentOfElements != 0
    }

    private mutating func endList() {
        scanned += 1
        guard !root.isArray else {
            place = .between
            return
        }
        place = .root
        rootText.append(UInt8(ascii: "]"))
        root.endOfList = rootText.bytes.count
        root.key = .other
        levels.removeAll(keepingCapacity: true)
        levels.append(UInt8(ascii: "{"))
        last = .value
    }

    /// An element that is a number or a literal, or nothing that there is.
    mutating func scanScalar(
        _ bytes: UnsafeBufferPointer<UInt8>,
        from start: Int,
        _ emit: (ScannedPiece) throws -> Void
    ) rethrows -> Int {
        var position = start
        while position < bytes.count, !Self.endsScalar(bytes[position]) { position += 1 }
        keep(bytes, start..<position)
        if position < bytes.count { try endElement(emit) }
        return position
    }

    private static func endsScalar(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x20, 0x0a, 0x0d, 0x09, UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"): true
        default: false
        }
    }
}
