/// A view of one value in a parsed document. Cheap to copy; it keeps the document alive.
public struct JSONValue: Sendable {
    @usableFromInline let storage: JSONStorage
    @usableFromInline let index: Int

    @inlinable
    init(storage: JSONStorage, index: Int) {
        self.storage = storage
        self.index = index
    }

    /// The six types of RFC 8259.
    public enum Kind: Sendable, Equatable { case null, bool, number, string, array, object }

    @inlinable var node: JSONNode { storage.tape[index] }

    /// The type of this value.
    public var kind: Kind {
        switch node.kind {
        case .null: .null
        case .false, .true: .bool
        case .number: .number
        case .string: .string
        case .array: .array
        case .object: .object
        }
    }

    /// Whether this is the literal `null`.
    public var isNull: Bool { node.kind == .null }

    /// The value of `true` or `false`; nil for anything else.
    public var bool: Bool? {
        switch node.kind {
        case .true: true
        case .false: false
        case .null, .number, .string, .array, .object: nil
        }
    }

    /// The exact value of an integer without fraction and exponent that fits; nil for anything else.
    public var int64: Int64? {
        guard node.kind == .number else { return nil }
        return withRawBytes { bytes in
            var digits = bytes[...]
            let negative = digits.first == UInt8(ascii: "-")
            if negative { digits = digits.dropFirst() }
            var value: Int64 = 0
            for byte in digits {
                let digit = byte &- UInt8(ascii: "0")
                guard digit < 10 else { return nil }
                let (scaled, overflowed) = value.multipliedReportingOverflow(by: 10)
                let (sum, exceeded) = scaled.subtractingReportingOverflow(Int64(digit))
                guard !overflowed, !exceeded else { return nil }
                value = sum
            }
            if negative { return value }
            return value == .min ? nil : -value
        }
    }

    /// The text of a string, where a surrogate without its other half reads as U+FFFD; nil for anything else.
    public var string: String? {
        let node = node
        guard node.kind == .string else { return nil }
        return withRawBytes { bytes in
            node.string.contains(.escaped)
                ? String(decoding: JSONEscapes.utf8(of: bytes, storable: false), as: UTF8.self)
                : String(decoding: bytes, as: UTF8.self)
        }
    }

    /// Whether this string is free of U+0000 and lone surrogates, so that PostgreSQL's text and jsonb can hold it.
    public var isStorableString: Bool {
        let node = node
        return node.kind == .string && !node.string.contains(.unstorable)
    }

    /// Whether this string holds no escape, so that `rawBytes` are its UTF-8.
    public var isPlainString: Bool {
        let node = node
        return node.kind == .string && !node.string.contains(.escaped)
    }

    /// The text of a string, with U+0000 and lone surrogates as U+FFFD, as PostgreSQL's text can hold it.
    public var storableString: String? {
        let node = node
        guard node.kind == .string else { return nil }
        guard node.string.contains(.unstorable) else { return string }
        return withRawBytes { String(decoding: JSONEscapes.utf8(of: $0, storable: true), as: UTF8.self) }
    }

    /// The bytes of this value in the text: of a string what lies between the quotes, of all else the whole.
    public var rawBytes: ArraySlice<UInt8> {
        let node = node
        return storage.bytes[Int(node.start)..<Int(node.end)]
    }

    /// Lends the bytes of `rawBytes` without a copy.
    @inlinable
    public func withRawBytes<R>(_ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
        let node = node
        return storage.bytes.withUnsafeBufferPointer { bytes in
            body(UnsafeBufferPointer(rebasing: bytes[Int(node.start)..<Int(node.end)]))
        }
    }

    /// The bytes of this value as JSON text: quotes included.
    public var jsonBytes: ArraySlice<UInt8> {
        let node = node
        guard node.kind == .string else { return storage.bytes[Int(node.start)..<Int(node.end)] }
        return storage.bytes[(Int(node.start) - 1)..<(Int(node.end) + 1)]
    }

    /// The member of that name, of a duplicated key the last; nil if there is none or this is no object.
    public subscript(_ key: String) -> JSONValue? {
        var found: JSONValue?
        for member in members where member.key == key { found = member.value }
        return found
    }
}
