/// Why a text is no JSON (RFC 8259), and where.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong.
    public enum Reason: Sendable, Equatable {
        case empty
        case unexpectedEnd
        case unexpectedByte(UInt8)
        case controlCharacterInString(UInt8)
        case invalidEscape
        case invalidUTF8
        case invalidNumber
        case trailingBytes
        case tooDeep(limit: Int)
        case tooLong(limit: Int)
    }

    /// What is wrong.
    public let reason: Reason
    /// The offset of the offending byte, counted from 0.
    public let offset: Int

    init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    /// What is wrong and at which byte.
    public var description: String { "\(text) at byte \(offset)" }

    private var text: String {
        switch reason {
        case .empty: "no JSON value"
        case .unexpectedEnd: "the JSON text ends too early"
        case .unexpectedByte(let byte): "unexpected \(Self.name(of: byte))"
        case .controlCharacterInString(let byte): "a bare control character (\(byte)) in a string"
        case .invalidEscape: "an invalid escape in a string"
        case .invalidUTF8: "invalid UTF-8"
        case .invalidNumber: "an invalid number"
        case .trailingBytes: "something follows the JSON value"
        case .tooDeep(let limit): "nested deeper than \(limit) levels"
        case .tooLong(let limit): "longer than \(limit) bytes"
        }
    }

    private static func name(of byte: UInt8) -> String {
        (0x21...0x7e).contains(byte) ? "'\(Character(Unicode.Scalar(byte)))'" : "byte \(byte)"
    }
}
