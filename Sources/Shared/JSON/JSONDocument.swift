/// Bounds on what is parsed; beyond them parsing fails with a `JSONError`.
public struct JSONLimits: Sendable, Equatable {
    /// The longest text, in bytes. At most 4 GiB - 1, since the tape counts in 32 bits.
    public var length: Int
    /// The deepest nesting of arrays and objects.
    public var depth: Int

    /// Bounds of one's own; the length is cut to what 32 bits count.
    public init(length: Int, depth: Int) {
        self.length = min(length, Int(UInt32.max))
        self.depth = depth
    }

    /// 256 MiB and 200 levels.
    public static let standard = JSONLimits(length: 256 << 20, depth: 200)
}

/// A parsed JSON text: its bytes, and a flat tape of nodes that point into them.
///
/// Nothing is decoded until it is asked for, so that numbers stay exact and strings can be handed on as they are.
public struct JSONDocument: Sendable {
    let storage: JSONStorage

    /// Parses one JSON value with nothing but white space around it.
    public init(parsing bytes: [UInt8], limits: JSONLimits = .standard) throws(JSONError) {
        guard bytes.count <= limits.length else { throw JSONError(.tooLong(limit: limits.length), at: limits.length) }
        let (tape, error) = bytes.withUnsafeBufferPointer { buffer -> ([JSONNode], JSONError?) in
            var parser = JSONParser(buffer, depthLimit: limits.depth)
            do throws(JSONError) {
                try parser.parseDocument()
                return (parser.tape, nil)
            } catch {
                return ([], error)
            }
        }
        if let error { throw error }
        storage = JSONStorage(bytes: bytes, tape: tape)
    }

    /// The value of the whole text.
    public var root: JSONValue { JSONValue(storage: storage, index: 0) }
}

/// What all views into a document share.
@usableFromInline
final class JSONStorage: Sendable {
    @usableFromInline let bytes: [UInt8]
    @usableFromInline let tape: [JSONNode]

    init(bytes: [UInt8], tape: [JSONNode]) {
        self.bytes = bytes
        self.tape = tape
    }
}

/// One value on the tape. The children of a container follow it; `next` is the node behind all of them.
@usableFromInline
struct JSONNode: Sendable {
    @usableFromInline
    enum Kind: UInt8, Sendable { case null, `false`, `true`, number, string, array, object }

    @usableFromInline var kind: Kind
    /// Of a string: what has to be known of it before it can be used as it is.
    @usableFromInline var string: StringTraits
    @usableFromInline var start: UInt32
    @usableFromInline var end: UInt32
    @usableFromInline var next: UInt32

    @usableFromInline
    struct StringTraits: OptionSet, Sendable {
        @usableFromInline let rawValue: UInt8

        @usableFromInline
        init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        /// Contains a backslash.
        static let escaped = StringTraits(rawValue: 1)
        /// Contains U+0000 or a surrogate without its other half: neither fits into PostgreSQL's text or jsonb.
        static let unstorable = StringTraits(rawValue: 2)
    }
}
