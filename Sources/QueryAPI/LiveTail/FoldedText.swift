/// A text without the difference of letter case, which is that of ASCII only: so `lower` of the database folds what is
/// compared byte by byte.
struct FoldedText: Sendable, Equatable {
    private let bytes: [UInt8]

    init(_ text: String) { self.init(utf8: text.utf8) }

    init(utf8: some Sequence<UInt8>) {
        bytes = utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
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
