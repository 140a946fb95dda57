/// Looks through the inside of a JSON string, eight bytes at a time.
enum StringSearch {
    /// The first quote, backslash or line feed at or behind `start`; the count of the bytes if there is none.
    static func firstStop(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        let raw = UnsafeRawBufferPointer(bytes)
        var position = start
        while position + 8 <= raw.count {
            let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            let stops = zeroBytes(word ^ quotes) | zeroBytes(word ^ backslashes) | zeroBytes(word ^ lineFeeds)
            if stops != 0 { return position + stops.trailingZeroBitCount / 8 }
            position += 8
        }
        while position < bytes.count, !isStop(bytes[position]) { position += 1 }
        return position
    }

    /// The highest bit of each byte that is zero; bits above the first one may be wrong.
    ///
    /// Source: Sean Anderson, Bit Twiddling Hacks, "Determine if a word has a zero byte".
    @inline(__always)
    private static func zeroBytes(_ word: UInt64) -> UInt64 { (word &- ones) & ~word & (ones << 7) }

    private static func isStop(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x0a
    }

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let quotes = ones &* UInt64(UInt8(ascii: "\""))
    private static let backslashes = ones &* UInt64(UInt8(ascii: "\\"))
    private static let lineFeeds = ones &* 0x0a
}
