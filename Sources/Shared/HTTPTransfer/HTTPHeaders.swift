/// The headers of a response in the order they came; names match in any letter case (RFC 9110, section 5.1).
public struct HTTPHeaders: Sendable {
    /// Each field as it came, without the white space around its value.
    public internal(set) var fields: [(name: String, value: String)]

    /// Headers made of fields, for tests and fakes too.
    public init(_ fields: [(name: String, value: String)] = []) {
        self.fields = fields
    }

    /// The value of the first field of that name, or nil.
    public func first(_ name: String) -> String? {
        fields.first { Self.areEqual($0.name, name) }?.value
    }

    /// The values of all fields of that name, in order.
    public func all(_ name: String) -> [String] {
        fields.filter { Self.areEqual($0.name, name) }.map(\.value)
    }

    /// The value of the first field of that name, or nil.
    public subscript(name: String) -> String? { first(name) }

    /// Whether two field names are the same in ASCII, whatever the letter case.
    static func areEqual(_ one: String, _ other: String) -> Bool {
        one.utf8.count == other.utf8.count && zip(one.utf8, other.utf8).allSatisfy { lowercased($0) == lowercased($1) }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
