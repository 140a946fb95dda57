/// CRC-32C (Castagnoli, the polynomial of iSCSI: RFC 3720, section 12.1), table-driven.
///
/// It finds every burst of up to 32 damaged bits, which is what a torn page or a flipped bit is.
struct CRC32C {
    private var state: UInt32 = ~0

    /// The checksum of what was added so far.
    var value: UInt32 { ~state }

    mutating func update(_ bytes: some Sequence<UInt8>) {
        var crc = state
        let passed: Void? = bytes.withContiguousStorageIfAvailable { bytes in
            Self.table.withUnsafeBufferPointer { table in
                for byte in bytes { crc = table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] ^ (crc >> 8) }
            }
        }
        if passed == nil {
            for byte in bytes { crc = Self.table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] ^ (crc >> 8) }
        }
        state = crc
    }

    static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var crc = CRC32C()
        crc.update(bytes)
        return crc.value
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { crc, _ in crc & 1 == 1 ? (crc >> 1) ^ 0x82f6_3b78 : crc >> 1 }
    }
}
