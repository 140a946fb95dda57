/// Writes the fields of a token one after another.
struct TokenWriter {
    private(set) var bytes: [UInt8] = []

    init() {
        bytes.reserveCapacity(96)
    }

    mutating func write(_ byte: UInt8) {
        bytes.append(byte)
    }

    /// Eight bytes, the highest first.
    mutating func write(_ integer: UInt64) {
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: integer >> UInt64(shift)))
        }
    }

    /// Its length in two bytes, then its UTF-8.
    mutating func write(_ text: String) {
        let count = UInt16(clamping: text.utf8.count)
        bytes.append(UInt8(count >> 8))
        bytes.append(UInt8(count & 0xFF))
        bytes.append(contentsOf: text.utf8.prefix(Int(count)))
    }

    mutating func write<Value>(_ value: Value?, _ writeValue: (inout TokenWriter, Value) -> Void) {
        write(value == nil ? 0 : 1 as UInt8)
        if let value { writeValue(&self, value) }
    }

    /// At most 255 values.
    mutating func write<Value>(_ values: [Value], _ writeValue: (inout TokenWriter, Value) -> Void) {
        let values = values.prefix(255)
        write(UInt8(values.count))
        for value in values { writeValue(&self, value) }
    }
}

/// Reads what `TokenWriter` wrote, and nothing else.
struct TokenReader {
    struct Failure: Error {}

    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) {
        rest = bytes[...]
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func byte() throws -> UInt8 {
        guard let byte = rest.popFirst() else { throw Failure() }
        return byte
    }

    mutating func integer() throws -> UInt64 {
        var integer: UInt64 = 0
        for _ in 0..<8 { integer = integer << 8 | UInt64(try byte()) }
        return integer
    }

    mutating func flag() throws -> Bool {
        switch try byte() {
        case 0: false
        case 1: true
        default: throw Failure()
        }
    }

    mutating func string() throws -> String {
        let count = Int(try byte()) << 8 | Int(try byte())
        // What is decoded from a URL holds no U+0000, and PostgreSQL takes none.
        guard rest.count >= count, let text = String(validating: rest.prefix(count), as: UTF8.self),
            !text.utf8.contains(0)
        else {
            throw Failure()
        }
        rest = rest.dropFirst(count)
        return text
    }

    mutating func optional<Value>(
        _ readValue: (inout TokenReader) throws -> Value
    ) throws -> Value? {
        try flag() ? try readValue(&self) : nil
    }

    mutating func list<Value>(
        _ readValue: (inout TokenReader) throws -> Value
    ) throws -> [Value] {
        var values: [Value] = []
        for _ in 0..<(try byte()) { values.append(try readValue(&self)) }
        return values
    }
}
