/// Strict decoding of what stands in a URL. Source: RFC 3986 section 2.1.
enum PercentDecoding {
    enum Failure: Error, Equatable {
        /// A `%` without two hexadecimal digits behind it.
        case badEscape
        /// The bytes are no UTF-8.
        case notUTF8
        /// U+0000, which no name in the archive can hold.
        case nul

        var reason: String {
            switch self {
            case .badEscape: "a % needs two hexadecimal digits behind it"
            case .notUTF8: "it is not UTF-8"
            case .nul: "it holds the character U+0000"
            }
        }
    }

    /// - Parameter plusIsSpace: as in the query of a form.
    static func decode(_ text: Substring.UTF8View, plusIsSpace: Bool) throws(Failure) -> String {
        var isPlain = true
        for byte in text {
            if byte == 0 { throw .nul }
            // The server has put U+FFFD in place of what was no UTF-8: do not let it pass unseen.
            if byte == UInt8(ascii: "%") || byte >= 0x80 || (plusIsSpace && byte == UInt8(ascii: "+")) {
                isPlain = false
                break
            }
        }
        if isPlain { return String(Substring(text)) }

        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var iterator = text.makeIterator()
        var replacement = 0
        while let byte = iterator.next() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = iterator.next().flatMap(hexadecimal), let low = iterator.next().flatMap(hexadecimal)
                else { throw .badEscape }
                let decoded = high << 4 | low
                if decoded == 0 { throw .nul }
                bytes.append(decoded)
                replacement = 0
            case 0:
                throw .nul
            case UInt8(ascii: "+") where plusIsSpace:
                bytes.append(UInt8(ascii: " "))
            default:
                bytes.append(byte)
                replacement = byte == [0xEF, 0xBF, 0xBD][replacement] ? replacement + 1 : byte == 0xEF ? 1 : 0
                if replacement == 3 { throw .notUTF8 }
            }
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else { throw .notUTF8 }
        return decoded
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
