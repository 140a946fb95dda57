/// A growing buffer of JSON text, written piece by piece without an allocation for each piece.
///
/// It writes bytes as it is told; that they form JSON is up to the caller.
public struct JSONOutput: ~Copyable {
    @usableFromInline var base: UnsafeMutablePointer<UInt8>
    @usableFromInline var capacity: Int
    @usableFromInline var written = 0

    /// How many bytes have been written.
    @inlinable public var count: Int { written }

    /// - Parameter capacity: bytes to start with; the buffer doubles when they are used up.
    public init(capacity: Int = 1024) {
        self.capacity = max(capacity, 64)
        base = .allocate(capacity: self.capacity)
    }

    deinit {
        base.deallocate()
    }

    /// What has been written, lent without a copy.
    public borrowing func withBytes<R>(_ body: (UnsafeBufferPointer<UInt8>) throws -> R) rethrows -> R {
        try body(UnsafeBufferPointer(start: base, count: count))
    }

    /// A copy of what has been written.
    public var bytes: [UInt8] { withBytes { Array($0) } }

    /// Forgets what lies behind the first `count` bytes.
    public mutating func truncate(to count: Int) {
        precondition(count >= 0 && count <= written, "truncating may not lengthen")
        written = count
    }

    /// Puts another byte in place of one that has been written.
    public mutating func replaceByte(at position: Int, with byte: UInt8) {
        precondition(position >= 0 && position < written, "only what has been written can be replaced")
        base[position] = byte
    }

    @inlinable
    @inline(__always)
    mutating func reserve(_ more: Int) {
        if written + more > capacity { grow(to: written + more) }
    }

    @usableFromInline
    @inline(never)
    mutating func grow(to minimum: Int) {
        let larger = max(capacity * 2, minimum)
        let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        moved.update(from: base, count: written)
        base.deallocate()
        base = moved
        capacity = larger
    }

    /// Appends text that needs no escaping, such as punctuation and names of members. Inlined, so that the copy is of a
    /// length that the compiler knows: an event is some sixty of these.
    @inlinable
    public mutating func write(_ text: StaticString) {
        reserve(text.utf8CodeUnitCount)
        (base + written).update(from: text.utf8Start, count: text.utf8CodeUnitCount)
        written += text.utf8CodeUnitCount
    }

    /// Appends bytes as they are.
    @inlinable
    public mutating func write(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
        reserve(bytes.count)
        (base + written).update(from: start, count: bytes.count)
        written += bytes.count
    }

    /// Appends bytes as they are.
    public mutating func write(_ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { write($0) }
    }

    /// Appends bytes as they are.
    @inlinable
    public mutating func write(_ bytes: some Collection<UInt8>) {
        if bytes.withContiguousStorageIfAvailable({ write($0) }) != nil { return }
        for byte in bytes { write(byte) }
    }

    /// Appends one byte as it is.
    @inlinable
    public mutating func write(_ byte: UInt8) {
        reserve(1)
        base[written] = byte
        written += 1
    }

    /// Appends a value of a parsed document as its text stands there.
    public mutating func write(_ value: JSONValue) {
        value.jsonBytes.withUnsafeBufferPointer { write($0) }
    }

    /// Appends a string with its quotes and escapes.
    public mutating func write(string: String) {
        var string = string
        string.withUTF8 { write(string: $0) }
    }

    /// Appends a string given as UTF-8 with its quotes and escapes. U+007F and all else above U+001F stays as it is.
    public mutating func write(string utf8: UnsafeBufferPointer<UInt8>) {
        reserve(utf8.count + 2)
        write(UInt8(ascii: "\""))
        writeEscaped(utf8)
        write(UInt8(ascii: "\""))
    }

    /// Appends what stands between the quotes of a string.
    public mutating func writeEscaped(_ utf8: UnsafeBufferPointer<UInt8>) {
        var plain = 0
        for position in 0..<utf8.count where Self.mustBeEscaped(utf8[position]) {
            write(UnsafeBufferPointer(rebasing: utf8[plain..<position]))
            writeEscape(of: utf8[position])
            plain = position + 1
        }
        write(UnsafeBufferPointer(rebasing: utf8[plain..<utf8.count]))
    }

    @inline(__always)
    private static func mustBeEscaped(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func writeEscape(of byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): write("\\\"")
        case UInt8(ascii: "\\"): write("\\\\")
        case 0x08: write("\\b")
        case 0x09: write("\\t")
        case 0x0a: write("\\n")
        case 0x0c: write("\\f")
        case 0x0d: write("\\r")
        default:
            write("\\u00")
            write(hexadecimal: UInt64(byte), digits: 2)
        }
    }
}
