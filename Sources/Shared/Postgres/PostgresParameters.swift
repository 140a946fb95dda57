/// The parameters of one execution, in the order of `$1`, `$2` and so on, in PostgreSQL's binary format.
///
/// All of them lie in one growing buffer, so that a parameter costs no allocation. Each must have the very type that
/// the statement has there: an `Int32` for an `int8` is an error of the server (22P03).
public struct PostgresParameters: Sendable {
    private(set) var values = ValueBuffer()

    /// No parameters yet.
    public init() {}

    /// How many there are; a statement takes 65 535 at most.
    public var count: Int { values.count }

    /// Removes all; with `keepingCapacity` the memory stays for the next execution.
    public mutating func removeAll(keepingCapacity: Bool = false) { values.removeAll(keepingCapacity: keepingCapacity) }

    /// Appends an array, of which the elements are copied.
    public mutating func append(_ array: PostgresArray) { array.write(to: &values) }

    /// Appends an `int2`; nil is NULL.
    public mutating func append(_ value: Int16?) { values.append(integer: value) }

    /// Appends an `int4`; nil is NULL.
    public mutating func append(_ value: Int32?) { values.append(integer: value) }

    /// Appends an `int8`, or an `xid8` by its bits; nil is NULL.
    public mutating func append(_ value: Int64?) { values.append(integer: value) }

    /// Appends a `bool`; nil is NULL.
    public mutating func append(_ value: Bool?) { values.append(integer: value.map { $0 ? Int8(1) : 0 }) }

    /// Appends a `float8`; nil is NULL.
    public mutating func append(_ value: Double?) { values.append(integer: value?.bitPattern) }

    /// Appends a `text` (or a `name`); nil is NULL. The server refuses U+0000.
    public mutating func append(_ value: String?) { values.append(string: value) }

    /// Appends a `text` that is UTF-8 already; the server refuses what is not, and U+0000.
    public mutating func append(text: UnsafeRawBufferPointer) { values.append(bytes: text) }

    /// Appends a `text` that is UTF-8 already; the server refuses what is not, and U+0000.
    public mutating func append(text: some Sequence<UInt8>) { values.append(sequence: text) }

    /// Appends a `bytea`.
    public mutating func append(bytea: UnsafeRawBufferPointer) { values.append(bytes: bytea) }

    /// Appends a `bytea`.
    public mutating func append(bytea: some Sequence<UInt8>) { values.append(sequence: bytea) }

    /// Appends a `jsonb`, given as JSON text in UTF-8.
    public mutating func append(jsonb: UnsafeRawBufferPointer) { values.append(bytes: jsonb, prefix: jsonbVersion) }

    /// Appends a `jsonb`, given as JSON text in UTF-8.
    public mutating func append(jsonb: some Sequence<UInt8>) { values.append(sequence: jsonb, prefix: jsonbVersion) }

    /// Appends a `uuid`, its first eight bytes as the first number, big-endian; nil is NULL.
    public mutating func append(uuid: (UInt64, UInt64)?) { values.append(uuid: uuid) }

    /// Appends a `timestamptz`, in microseconds since 1970-01-01 00:00 UTC; nil is NULL. What lies outside of
    /// PostgreSQL's range (4713 BC to 294276 AD) the server refuses.
    public mutating func append(timestampMicroseconds: Int64?) {
        values.append(integer: timestampMicroseconds.map(postgresTimestamp(unixMicroseconds:)))
    }

    /// Appends NULL.
    public mutating func appendNull() { values.appendNull() }
}

extension PostgresParameters {
    /// Calls `body` with the count, values, lengths and formats (all binary) as libpq wants them.
    func withPointers<R>(
        _ body: (
            Int32, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?
        ) -> R
    ) -> R {
        guard count > 0 else { return body(0, nil, nil, nil) }
        return withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: count) { pointers in
            withUnsafeTemporaryAllocation(of: Int32.self, capacity: 2 * count) { numbers in
                values.withBytes { bytes in
                    var offset = 0
                    for index in 0..<count {
                        let length = Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self))
                        offset += 4
                        let value = bytes.baseAddress.map { $0 + offset }?.assumingMemoryBound(to: CChar.self)
                        pointers.initializeElement(at: index, to: length < 0 ? nil : value)
                        numbers.initializeElement(at: index, to: max(0, length))
                        numbers.initializeElement(at: count + index, to: 1)
                        offset += Int(max(0, length))
                    }
                    return body(
                        Int32(truncatingIfNeeded: count),
                        UnsafePointer(pointers.baseAddress),
                        UnsafePointer(numbers.baseAddress),
                        numbers.baseAddress.map { UnsafePointer($0 + count) }
                    )
                }
            }
        }
    }
}
