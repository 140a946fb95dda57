extension [UInt8] {
    mutating func append(littleEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    /// A length in 32 bits, and the bytes.
    mutating func append(counted bytes: some Collection<UInt8>) {
        append(littleEndian: UInt32(bytes.count))
        append(contentsOf: bytes)
    }
}

/// Takes values off the front of bytes that may be damaged: nil where they do not reach.
struct LittleEndianReader {
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        rest = bytes
    }

    mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type) -> Value? {
        let size = MemoryLayout<Value>.size
        guard rest.count >= size else { return nil }
        var value: Value = 0
        for byte in rest.prefix(size).reversed() { value = value << 8 | Value(truncatingIfNeeded: byte) }
        rest = rest.dropFirst(size)
        return value
    }

    mutating func counted() -> ArraySlice<UInt8>? {
        guard let count = integer(UInt32.self), rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(Int(count)) }
        return rest.prefix(Int(count))
    }

    mutating func text() -> String? {
        counted().flatMap { String(validating: $0, as: UTF8.self) }
    }
}
