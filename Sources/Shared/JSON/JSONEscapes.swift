/// Reading of the escapes in a string that the parser has already found well-formed.
enum JSONEscapes {
    /// The code unit of `\uXXXX` whose backslash is at `start`, or nil if there are no four hexadecimal digits.
    static func unit(in bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> UInt16? {
        guard start + 6 <= bytes.count else { return nil }
        var unit: UInt16 = 0
        for offset in 2..<6 {
            guard let digit = hexadecimalValue(of: bytes[start + offset]) else { return nil }
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }

    private static func hexadecimalValue(of byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// The UTF-16 code units that an escaped string stands for, lone surrogates included: what equality is about.
    static func units(of bytes: UnsafeBufferPointer<UInt8>) -> [UInt16] {
        var units: [UInt16] = []
        units.reserveCapacity(bytes.count)
        forEachPiece(of: bytes) { piece in
            switch piece {
            case .plain(let run): units.append(contentsOf: String(decoding: run, as: UTF8.self).utf16)
            case .unit(let unit): units.append(unit)
            }
        }
        return units
    }

    enum Piece {
        case plain(Slice<UnsafeBufferPointer<UInt8>>)
        case unit(UInt16)
    }

    static func forEachPiece(of bytes: UnsafeBufferPointer<UInt8>, _ body: (Piece) -> Void) {
        var position = 0
        var plain = 0
        while position < bytes.count {
            guard bytes[position] == UInt8(ascii: "\\"), position + 1 < bytes.count else {
                position += 1
                continue
            }
            if plain < position { body(.plain(bytes[plain..<position])) }
            switch bytes[position + 1] {
            case UInt8(ascii: "u"):
                body(.unit(unit(in: bytes, at: position) ?? 0xfffd))
                position += 6
            case let letter:
                body(.unit(UInt16(control(for: letter))))
                position += 2
            }
            plain = position
        }
        if plain < bytes.count { body(.plain(bytes[plain..<bytes.count])) }
    }

    private static func control(for letter: UInt8) -> UInt8 {
        switch letter {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0c
        case UInt8(ascii: "n"): 0x0a
        case UInt8(ascii: "r"): 0x0d
        case UInt8(ascii: "t"): 0x09
        default: letter
        }
    }

    /// The UTF-8 of an escaped string. A lone surrogate becomes U+FFFD, as does U+0000 if `storable` is asked for.
    static func utf8(of bytes: UnsafeBufferPointer<UInt8>, storable: Bool) -> [UInt8] {
        var utf8: [UInt8] = []
        utf8.reserveCapacity(bytes.count)
        var high: UInt16?
        func append(_ scalar: Unicode.Scalar) { utf8.append(contentsOf: UTF8.encode(scalar)!) }
        func endHalf() {
            if high != nil { append("\u{fffd}") }
            high = nil
        }
        forEachPiece(of: bytes) { piece in
            switch piece {
            case .plain(let run):
                endHalf()
                utf8.append(contentsOf: run)
            case .unit(let unit):
                if let first = high, (0xdc00..<0xe000).contains(unit) {
                    high = nil
                    let value = 0x10000 + (UInt32(first) - 0xd800) << 10 + (UInt32(unit) - 0xdc00)
                    append(Unicode.Scalar(value) ?? "\u{fffd}")
                    return
                }
                endHalf()
                if (0xd800..<0xdc00).contains(unit) {
                    high = unit
                } else if storable && unit == 0 {
                    append("\u{fffd}")
                } else {
                    append(Unicode.Scalar(unit) ?? "\u{fffd}")
                }
            }
        }
        endHalf()
        return utf8
    }
}
