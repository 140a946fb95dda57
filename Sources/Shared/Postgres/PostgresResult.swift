/// What the server answered to one statement: rows of binary values, read in place.
///
/// Rows and columns count from 0. Reading a row or column that does not exist, a NULL (ask `isNull` first), or a value
/// as a type that it cannot be is an error of the program and stops it, as an array's index does.
public final class PostgresResult: Sendable {
    private let result: LibpqResult
    /// The number of rows.
    public let rowCount: Int
    /// The number of columns.
    public let columnCount: Int

    init(_ result: LibpqResult) {
        self.result = result
        rowCount = result.rowCount
        columnCount = result.columnCount
    }

    /// The rows that an INSERT, UPDATE, DELETE, MERGE or SELECT was about; 0 for other commands.
    public var affectedRows: Int { result.affectedRows }

    /// What the server says that it did: `INSERT 0 5`, `COMMIT`.
    public var commandTag: String { result.commandTag }

    /// The name of a column.
    public func columnName(_ column: Int) -> String {
        precondition(column >= 0 && column < columnCount, "no column \(column) of \(columnCount)")
        return result.columnName(column)
    }

    /// The OID of the type of a column.
    public func columnType(_ column: Int) -> UInt32 {
        precondition(column >= 0 && column < columnCount, "no column \(column) of \(columnCount)")
        return result.columnType(column)
    }

    /// Whether there is NULL.
    public func isNull(_ row: Int, _ column: Int) -> Bool {
        check(row, column)
        return result.isNull(row, column)
    }

    /// An `int2`.
    public func int16(_ row: Int, _ column: Int) -> Int16 { integer(row, column) }

    /// An `int4` or `int2`.
    public func int32(_ row: Int, _ column: Int) -> Int32 {
        let bytes = value(row, column)
        return bytes.count == 2 ? Int32(load(bytes, as: Int16.self)) : load(bytes, as: Int32.self)
    }

    /// An `int8`, `int4` or `int2`, or the bits of an `xid8`.
    public func int64(_ row: Int, _ column: Int) -> Int64 {
        let bytes = value(row, column)
        return switch bytes.count {
        case 4: Int64(load(bytes, as: Int32.self))
        case 2: Int64(load(bytes, as: Int16.self))
        default: load(bytes, as: Int64.self)
        }
    }

    /// A `bool`.
    public func bool(_ row: Int, _ column: Int) -> Bool { (integer(row, column) as UInt8) != 0 }

    /// A `float8`.
    public func double(_ row: Int, _ column: Int) -> Double { Double(bitPattern: integer(row, column)) }

    /// A `text`, `varchar` or `name`.
    public func text(_ row: Int, _ column: Int) -> String { String(decoding: value(row, column), as: UTF8.self) }

    /// A `timestamptz`, in microseconds since 1970-01-01 00:00 UTC; `infinity` reads as `Int64.max`.
    public func timestampMicroseconds(_ row: Int, _ column: Int) -> Int64 {
        unixMicroseconds(postgresTimestamp: integer(row, column))
    }

    /// A `uuid`, its first eight bytes as the first number, big-endian.
    public func uuid(_ row: Int, _ column: Int) -> (UInt64, UInt64) {
        let bytes = value(row, column)
        precondition(bytes.count == 16, "no uuid: \(bytes.count) bytes")
        return (
            load(UnsafeRawBufferPointer(rebasing: bytes[..<8])), load(UnsafeRawBufferPointer(rebasing: bytes[8...]))
        )
    }

    /// Calls `body` with the value's bytes as the server sent them, valid for that long; NULL and an empty value have
    /// none.
    public func withBytes<R>(_ row: Int, _ column: Int, _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        check(row, column)
        return try withExtendedLifetime(self) { try body(result.bytes(row, column)) }
    }

    /// Calls `body` with the JSON text of a `jsonb` in UTF-8, valid for that long.
    public func withJSONB<R>(_ row: Int, _ column: Int, _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        let bytes = value(row, column)
        precondition(bytes.first == jsonbVersion, "column \(column) is no jsonb of version 1")
        return try withExtendedLifetime(self) { try body(UnsafeRawBufferPointer(rebasing: bytes.dropFirst())) }
    }

    @inline(__always)
    private func check(_ row: Int, _ column: Int) {
        precondition(
            row >= 0 && row < rowCount && column >= 0 && column < columnCount,
            "no row \(row) of \(rowCount), or no column \(column) of \(columnCount)"
        )
    }

    @inline(__always)
    private func value(_ row: Int, _ column: Int) -> UnsafeRawBufferPointer {
        check(row, column)
        precondition(!result.isNull(row, column), "row \(row), column \(column) is NULL")
        return result.bytes(row, column)
    }

    @inline(__always)
    private func integer<Value: FixedWidthInteger>(_ row: Int, _ column: Int) -> Value { load(value(row, column)) }

    @inline(__always)
    private func load<Value: FixedWidthInteger>(_ bytes: UnsafeRawBufferPointer, as type: Value.Type = Value.self)
        -> Value
    {
        precondition(bytes.count == MemoryLayout<Value>.size, "\(bytes.count) bytes are no \(Value.self)")
        return Value(bigEndian: bytes.loadUnaligned(as: Value.self))
    }
}
