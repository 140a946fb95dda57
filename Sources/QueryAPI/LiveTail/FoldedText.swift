/// A text without the difference of letter case.
struct FoldedText: Sendable, Equatable {
    private let bytes: [UInt8]

    init(_ text: String) { bytes = Array(text.lowercased().utf8) }

    init(utf8: [UInt8]) {
        // Most messages are ASCII, and there are many.
        if utf8.allSatisfy({ $0 < 0x80 }) {
            bytes = utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
        } else {
            bytes = Array(String(decoding: utf8, as: UTF8.self).lowercased().utf8)
        }
    }

    func contains(_ part: FoldedText) -> Bool {
        guard let first = part.bytes.first else { return true }
        guard bytes.count >= part.bytes.count else { return false }
        for start in 0...(bytes.count - part.bytes.count) where bytes[start] == first {
            if bytes[start...].starts(with: part.bytes) { return true }
        }
        return false
    }
}
