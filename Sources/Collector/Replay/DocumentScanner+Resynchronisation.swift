/// Going on after something broken, by the rule in `DocumentScanner`.
extension DocumentScanner {
    /// What is being read is broken. The byte that showed it has not been consumed, and is looked at again.
    mutating func fail(_ reason: ScannedPiece.Breakage, _ emit: (ScannedPiece) throws -> Void) rethrows {
        let isElement = place == .element || place == .scalar
        let text = isElement ? elementText : rootText
        let offset = isElement ? elementOffset : root.offset
        resumesInList = isElement && root.indentOfElements != nil
        if place != .list {
            let start = isElement || !root.isList ? 1 : root.endOfList
            if let (beginning, width) = lineOfObject(in: text.bytes, from: start) {
                let rest = Array(text.bytes[beginning...])
                try emit(.broken(reason, excerpt: text.excerpt(upTo: beginning, limits: limits), offset: offset))
                scanned -= rest.count
                goOn(indent: width)
                try rest.withUnsafeBufferPointer { try scan($0, emit) }
                return
            }
            indent = Self.widthOfLastLine(of: text.bytes)
        }
        broken = Broken(reason: reason, offset: offset)
        brokenText = text.excerpt(upTo: text.bytes.count, limits: limits)
        candidate = nil
        place = .skipping
    }

    private mutating func goOn(indent width: Int) {
        indent = width
        if resumesInList, width == root.indentOfElements {
            root.endsWithComma = true
            place = .list
        } else {
            place = .between
        }
    }

    /// Reads past what is broken.
    mutating func skip(
        _ bytes: UnsafeBufferPointer<UInt8>,
        from start: Int,
        _ emit: (ScannedPiece) throws -> Void
    ) rethrows -> Int {
        var position = start
        while position < bytes.count {
            let byte = bytes[position]
            if let found = candidate {
                candidate = nil
                if Self.mayFollowBrace(byte) {
                    try emitBroken(emit)
                    goOn(indent: found.indent)
                    if place == .list {
                        beginElement(with: UInt8(ascii: "{"), at: found.offset)
                    } else {
                        beginRoot(with: UInt8(ascii: "{"), at: found.offset)
                    }
                    return position
                }
                keepBroken(UInt8(ascii: "{"))
            }
            position += 1
            scanned += 1
            if byte == UInt8(ascii: "{"), let width = indent, isPlaceToGoOn(width) {
                candidate = (width, scanned - 1)
                indent = nil
                continue
            }
            switch byte {
            case 0x0a: indent = 0
            case 0x20, 0x09: indent = indent.map { $0 + 1 }
            default: indent = nil
            }
            keepBroken(byte)
        }
        return position
    }

    mutating func emitBroken(_ emit: (ScannedPiece) throws -> Void) rethrows {
        guard let broken else { return }
        self.broken = nil
        let excerpt = brokenText
        brokenText = []
        try emit(.broken(broken.reason, excerpt: excerpt, offset: broken.offset))
    }

    private mutating func keepBroken(_ byte: UInt8) {
        if brokenText.count < limits.excerpt { brokenText.append(byte) }
    }

    private func isPlaceToGoOn(_ width: Int) -> Bool {
        width == 0 || (resumesInList && width == root.indentOfElements)
    }

    /// The first place at or behind `start` where a line begins with an object, and the white space before it.
    private func lineOfObject(in text: [UInt8], from start: Int) -> (position: Int, width: Int)? {
        var width: Int?
        for position in start..<max(start, text.count) {
            switch text[position] {
            case 0x0a: width = 0
            case 0x20, 0x09: width = width.map { $0 + 1 }
            case UInt8(ascii: "{"):
                if let width, isPlaceToGoOn(width), position + 1 < text.count, Self.mayFollowBrace(text[position + 1]) {
                    return (position, width)
                }
                width = nil
            default: width = nil
            }
        }
        return nil
    }

    private static func widthOfLastLine(of text: [UInt8]) -> Int? {
        var width = 0
        for byte in text.reversed() {
            switch byte {
            case 0x0a: return width
            case 0x20, 0x09: width += 1
            default: return nil
            }
        }
        return nil
    }

    private static func mayFollowBrace(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x20, 0x0a, 0x0d, 0x09, UInt8(ascii: "\""), UInt8(ascii: "}"): true
        default: false
        }
    }
}
