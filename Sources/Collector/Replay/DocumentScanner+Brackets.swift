import JSON

/// Inside a document or an element: strings, brackets, and the order of tokens as far as it shows that a line was cut.
extension DocumentScanner {
    mutating func scanBrackets(
        _ bytes: UnsafeBufferPointer<UInt8>,
        from start: Int,
        _ emit: (ScannedPiece) throws -> Void
    ) rethrows -> Int {
        var position = start
        // What has not been kept yet.
        var run = start
        while position < bytes.count {
            if isInString {
                if !isEscaped, isAtLineOfString, bytes[position] == UInt8(ascii: "{") {
                    keep(bytes, run..<position)
                    try fail(.endsTooEarly, emit)
                    return position
                }
                guard scanString(bytes, &position) else { continue }
                if place == .root, levels.count == 1 { endStringOfRoot(bytes, &run, upTo: position) }
                last = .value
                if levels.isEmpty {
                    keep(bytes, run..<position)
                    try endElement(emit)
                    return position
                }
                continue
            }
            let byte = bytes[position]
            switch byte {
            case 0x20, 0x0a, 0x0d, 0x09:
                position += 1
            case UInt8(ascii: "\""):
                guard mayBeginString else { return try fail(bytes, run..<position, emit) }
                isInString = true
                if place == .root, levels.count == 1 {
                    stringStart = rootText.bytes.count + position - run
                    stringIsKey = last != .colon
                }
                position += 1
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard mayBeginValue else { return try fail(bytes, run..<position, emit) }
                position += 1
                if byte == UInt8(ascii: "["), beginsItems {
                    keep(bytes, run..<position)
                    beginList()
                    return position
                }
                guard levels.count < depthLimit else {
                    keep(bytes, run..<position)
                    try fail(.tooDeep(limit: depthLimit), emit)
                    return position
                }
                levels.append(byte)
                last = .opened
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                // '{' and '}', and '[' and ']', are two apart.
                guard levels.last == byte - 2 else { return try fail(bytes, run..<position, emit) }
                levels.removeLast()
                last = .value
                position += 1
                if levels.isEmpty {
                    keep(bytes, run..<position)
                    if place == .root { try endRoot(emit) } else { try endElement(emit) }
                    return position
                }
            case UInt8(ascii: ","):
                last = .comma
                position += 1
            case UInt8(ascii: ":"):
                last = .colon
                position += 1
            default:
                last = .value
                position += 1
            }
        }
        keep(bytes, run..<position)
        return position
    }

    /// Goes on to the end of the string, or to the next place where something has to be decided. Says whether the
    /// string has ended.
    @inline(__always)
    private mutating func scanString(_ bytes: UnsafeBufferPointer<UInt8>, _ position: inout Int) -> Bool {
        isAtLineOfString = false
        if isEscaped {
            isEscaped = false
            isAtLineOfString = bytes[position] == 0x0a
            position += 1
            return false
        }
        position = StringSearch.firstStop(in: bytes, from: position)
        guard position < bytes.count else { return false }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""):
            isInString = false
            return true
        case UInt8(ascii: "\\"): isEscaped = true
        default: isAtLineOfString = true
        }
        return false
    }

    private var mayBeginValue: Bool {
        switch last {
        case .colon: true
        case .opened, .comma: levels.last == UInt8(ascii: "[")
        case .value: false
        }
    }

    private var mayBeginString: Bool { last != .value }

    /// Whether the array that opens here is the list of a document that has not said to be another kind.
    private var beginsItems: Bool {
        place == .root && levels.count == 1 && last == .colon && root.key == .items && !root.hasInvolvedObject
            && ["", "List", "EventList"].contains(root.kind ?? "")
    }

    /// At the closing quote of a member's name or value at the top of a document.
    private mutating func endStringOfRoot(
        _ bytes: UnsafeBufferPointer<UInt8>,
        _ run: inout Int,
        upTo end: Int
    ) {
        guard stringIsKey || root.key == .kind else { return }
        keep(bytes, run..<end)
        run = end
        guard stringStart < rootText.bytes.count else { return }
        let string = rootText.bytes[stringStart...]
        guard stringIsKey else {
            root.kind = Self.decoded(string)
            return
        }
        root.key = Self.key(string)
        if root.key == .involvedObject { root.hasInvolvedObject = true }
    }

    private static func key(_ string: ArraySlice<UInt8>) -> Key {
        guard [6, 7, 16].contains(string.count) || string.contains(UInt8(ascii: "\\")) else { return .other }
        switch decoded(string) {
        case "kind": return .kind
        case "items", "Items": return .items
        case "involvedObject": return .involvedObject
        default: return .other
        }
    }

    private static func decoded(_ string: ArraySlice<UInt8>) -> String? {
        (try? JSONDocument(parsing: Array(string)))?.root.string
    }

    private mutating func endRoot(_ emit: (ScannedPiece) throws -> Void) rethrows {
        place = .between
        let overlong = rootText.overlongStart
        let text = rootText.take()
        if let overlong {
            try emit(.broken(.tooLong(limit: limits.document), excerpt: overlong, offset: root.offset))
        } else {
            try emit(root.isList ? .envelope(text, offset: root.offset) : .document(text, offset: root.offset))
        }
    }

    mutating func endElement(_ emit: (ScannedPiece) throws -> Void) rethrows {
        place = .list
        indent = nil
        let overlong = elementText.overlongStart
        let text = elementText.take()
        if let overlong {
            try emit(.broken(.tooLong(limit: limits.document), excerpt: overlong, offset: elementOffset))
        } else {
            try emit(.element(text, offset: elementOffset, of: root.list))
        }
    }

    /// The byte at the end of the range cannot stand there.
    private mutating func fail(
        _ bytes: UnsafeBufferPointer<UInt8>,
        _ range: Range<Int>,
        _ emit: (ScannedPiece) throws -> Void
    ) rethrows -> Int {
        keep(bytes, range)
        try fail(.unexpected(bytes[range.upperBound], at: scanned), emit)
        return range.upperBound
    }
}
