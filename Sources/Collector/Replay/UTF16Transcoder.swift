/// From UTF-16 to UTF-8, in chunks of any length.
///
/// A surrogate without its other half has no UTF-8. It can only stand in a string; JSON can write it as `\uXXXX`, which
/// loses nothing. YAML cannot, and there it becomes U+FFFD, as does a last odd byte.
struct UTF16Transcoder {
    private let isBigEndian: Bool
    /// The first byte of a code unit whose second has not come.
    private var oddByte: UInt8?
    private var highSurrogate: UInt16?
    /// Nil until the first character that is no white space.
    private var isJSON: Bool?

    init(isBigEndian: Bool) {
        self.isBigEndian = isBigEndian
    }

    mutating func transcode(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count + 16)
        var position = 0
        if let first = oddByte, let second = bytes.first {
            oddByte = nil
            position = 1
            take(unit(first, second), &output)
        }
        while position + 1 < bytes.count {
            take(unit(bytes[position], bytes[position + 1]), &output)
            position += 2
        }
        if position < bytes.count { oddByte = bytes[position] }
        return output
    }

    /// The text ends here.
    mutating func finish() -> [UInt8] {
        var output: [UInt8] = []
        if let high = highSurrogate { writeLone(high, &output) }
        highSurrogate = nil
        if oddByte != nil { output += "\u{fffd}".utf8 }
        oddByte = nil
        return output
    }

    private func unit(_ first: UInt8, _ second: UInt8) -> UInt16 {
        isBigEndian ? UInt16(first) << 8 | UInt16(second) : UInt16(second) << 8 | UInt16(first)
    }

    private mutating func take(_ unit: UInt16, _ output: inout [UInt8]) {
        if let high = highSurrogate {
            highSurrogate = nil
            if 0xdc00..<0xe000 ~= unit {
                write(0x10000 + (UInt32(high) - 0xd800) << 10 + UInt32(unit) - 0xdc00, &output)
                return
            }
            writeLone(high, &output)
        }
        switch unit {
        case 0xd800..<0xdc00: highSurrogate = unit
        case 0xdc00..<0xe000: writeLone(unit, &output)
        default:
            if isJSON == nil, unit > 0x20 {
                isJSON = unit == UInt16(UInt8(ascii: "{")) || unit == UInt16(UInt8(ascii: "["))
            }
            write(UInt32(unit), &output)
        }
    }

    private func write(_ scalar: UInt32, _ output: inout [UInt8]) {
        switch scalar {
        case ..<0x80: output.append(UInt8(truncatingIfNeeded: scalar))
        case ..<0x800:
            output.append(0xc0 | UInt8(truncatingIfNeeded: scalar >> 6))
            output.append(continuation(scalar))
        case ..<0x10000:
            output.append(0xe0 | UInt8(truncatingIfNeeded: scalar >> 12))
            output.append(continuation(scalar >> 6))
            output.append(continuation(scalar))
        default:
            output.append(0xf0 | UInt8(truncatingIfNeeded: scalar >> 18))
            output.append(continuation(scalar >> 12))
            output.append(continuation(scalar >> 6))
            output.append(continuation(scalar))
        }
    }

    private func continuation(_ bits: UInt32) -> UInt8 { 0x80 | UInt8(truncatingIfNeeded: bits & 0x3f) }

    private func writeLone(_ unit: UInt16, _ output: inout [UInt8]) {
        guard isJSON == true else {
            output += "\u{fffd}".utf8
            return
        }
        output += "\\u".utf8
        let digits = Array("0123456789abcdef".utf8)
        for shift in stride(from: 12, through: 0, by: -4) { output.append(digits[Int(unit >> shift) & 15]) }
    }
}
