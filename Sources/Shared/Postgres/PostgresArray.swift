/// A one-dimensional array in PostgreSQL's binary format, built element by element: a column of a batch that one
/// statement takes in whole, as `INSERT ... SELECT * FROM unnest($1::timestamptz[], $2::text[])`.
///
/// Every element must be of the type that the array was made for; another is an error of the server.
public struct PostgresArray: Sendable {
    /// The type of the elements.
    public let elementType: PostgresType
    private var values = ValueBuffer()

    /// An empty array of elements of this type.
    public init(of elementType: PostgresType) { self.elementType = elementType }

    /// How many elements there are, NULLs included.
    public var count: Int { values.count }

    /// Removes all elements; with `keepingCapacity` the memory stays for the next batch.
    public mutating func removeAll(keepingCapacity: Bool = false) { values.removeAll(keepingCapacity: keepingCapacity) }

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

    /// Writes the array as one value: `array_send` in PostgreSQL's `arrayfuncs.c`.
    func write(to buffer: inout ValueBuffer) {
        buffer.append { bytes in
            bytes.store(Int32(values.count == 0 ? 0 : 1))  // dimensions
            bytes.store(Int32(values.nullCount == 0 ? 0 : 1))
            bytes.store(elementType.oid)
            guard values.count > 0 else { return }
            bytes.store(Int32(truncatingIfNeeded: values.count))
            bytes.store(Int32(1))  // the lower bound
            values.withBytes { bytes.store(bytes: $0) }
        }
    }
}
