/// Values in PostgreSQL's binary format one after another, each behind its length in four bytes (-1 for NULL): so the
/// elements of an array lie in its message, and the parameters of a statement here.
struct ValueBuffer: Sendable {
    private var bytes = ByteStore()
    private(set) var count = 0
    private(set) var nullCount = 0

    func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R { bytes.withBytes(body) }

    mutating func removeAll(keepingCapacity: Bool) {
        if keepingCapacity { bytes.removeAll() } else { bytes = ByteStore() }
        count = 0
        nullCount = 0
    }

    mutating func appendNull() {
        bytes.store(Int32(-1))
        count += 1
        nullCount += 1
    }

    mutating func append(integer value: (some FixedWidthInteger)?) {
        guard let value else { return appendNull() }
        bytes.store(Int32(value.bitWidth / 8), then: value)
        count += 1
    }

    mutating func append(uuid: (UInt64, UInt64)?) {
        guard let uuid else { return appendNull() }
        bytes.store(Int32(16), then: uuid.0)
        bytes.store(uuid.1)
        count += 1
    }

    mutating func append(string: String?) {
        guard var string else { return appendNull() }
        string.withUTF8 { append(bytes: UnsafeRawBufferPointer($0)) }
    }

    mutating func append(bytes value: UnsafeRawBufferPointer) {
        bytes.store(Int32(truncatingIfNeeded: value.count))
        bytes.store(bytes: value)
        count += 1
    }

    mutating func append(bytes value: UnsafeRawBufferPointer, prefix: UInt8) {
        bytes.store(Int32(truncatingIfNeeded: value.count + 1), then: prefix)
        bytes.store(bytes: value)
        count += 1
    }

    mutating func append(sequence: some Sequence<UInt8>, prefix: UInt8? = nil) {
        append { bytes in
            if let prefix { bytes.store(prefix) }
            let whole: Void? = sequence.withContiguousStorageIfAvailable {
                bytes.store(bytes: UnsafeRawBufferPointer($0))
            }
            if whole == nil { for byte in sequence { bytes.store(byte) } }
        }
    }

    /// Appends what `write` stores as one value, and its length before it.
    mutating func append(_ write: (inout ByteStore) -> Void) {
        let start = bytes.count
        bytes.store(Int32(0))
        write(&bytes)
        bytes.replace(at: start, with: Int32(truncatingIfNeeded: bytes.count - start - 4))
        count += 1
    }
}

/// Bytes that grow by doubling. What lies beyond `count` is spare and zero or old, so that appending is one check and
/// one store.
struct ByteStore: Sendable {
    private var storage: [UInt8] = []
    private(set) var count = 0

    func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        storage.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }

    mutating func removeAll() { count = 0 }

    @inline(__always)
    mutating func store(_ value: some FixedWidthInteger) {
        let size = value.bitWidth / 8
        reserve(size)
        replace(at: count, with: value)
        count += size
    }

    /// Two numbers with one check of the space.
    @inline(__always)
    mutating func store(_ first: Int32, then second: some FixedWidthInteger) {
        let size = second.bitWidth / 8
        reserve(4 + size)
        replace(at: count, with: first)
        replace(at: count + 4, with: second)
        count += 4 + size
    }

    mutating func store(bytes: UnsafeRawBufferPointer) {
        reserve(bytes.count)
        storage.withUnsafeMutableBytes { UnsafeMutableRawBufferPointer(rebasing: $0[count...]).copyMemory(from: bytes) }
        count += bytes.count
    }

    @inline(__always)
    mutating func replace<Value: FixedWidthInteger>(at offset: Int, with value: Value) {
        storage.withUnsafeMutableBytes { $0.storeBytes(of: value.bigEndian, toByteOffset: offset, as: Value.self) }
    }

    @inline(__always)
    private mutating func reserve(_ size: Int) {
        if storage.count - count < size { grow(by: size) }
    }

    @inline(never)
    private mutating func grow(by size: Int) {
        storage.append(contentsOf: repeatElement(0, count: max(64, storage.count, size)))
    }
}

/// The first byte of every binary `jsonb` (`jsonb_send` in PostgreSQL's `jsonb.c`).
let jsonbVersion: UInt8 = 1

/// PostgreSQL counts from 2000-01-01 00:00 UTC, so many microseconds after the Unix epoch.
private let postgresEpoch: Int64 = 946_684_800_000_000

/// Before the range of Int64 the result is a time that the server refuses (22008).
func postgresTimestamp(unixMicroseconds: Int64) -> Int64 {
    let (value, overflow) = unixMicroseconds.subtractingReportingOverflow(postgresEpoch)
    // Int64.min means -infinity to PostgreSQL; the one above it is refused.
    return overflow ? .min + 1 : value
}

func unixMicroseconds(postgresTimestamp: Int64) -> Int64 {
    let (value, overflow) = postgresTimestamp.addingReportingOverflow(postgresEpoch)
    return overflow ? .max : value
}
