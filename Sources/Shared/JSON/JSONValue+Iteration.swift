extension JSONValue {
    /// A member of an object.
    public struct Member: Sendable {
        /// The name.
        public let key: Key
        /// The value.
        public let value: JSONValue
    }

    /// The name of a member, compared without being decoded where it holds no escape.
    public struct Key: Sendable {
        let value: JSONValue
        private let length: Int
        private let isPlain: Bool

        init(_ value: JSONValue) {
            self.value = value
            let node = value.node
            length = Int(node.end) - Int(node.start)
            isPlain = !node.string.contains(.escaped)
        }

        /// The decoded name.
        public var string: String { value.string ?? "" }

        /// The name as a string value.
        public var json: JSONValue { value }

        /// Whether this is the name.
        public static func == (key: Key, name: StaticString) -> Bool {
            guard key.isPlain else { return key.string == "\(name)" }
            guard key.length == name.utf8CodeUnitCount else { return false }
            return key.value.withRawBytes { bytes in
                for offset in 0..<bytes.count where bytes[offset] != name.utf8Start[offset] { return false }
                return true
            }
        }

        /// Whether this is the name.
        public static func == (key: Key, name: String) -> Bool {
            guard key.isPlain else { return key.string == name }
            return key.value.withRawBytes { $0.elementsEqual(name.utf8) }
        }
    }

    /// The members of an object in the order of the text, duplicated keys included; nothing for other kinds.
    public var members: Members { Members(of: self) }

    /// The elements of an array; nothing for other kinds.
    public var elements: Elements { Elements(of: self) }

    /// The members of an object, one after the other.
    public struct Members: Sequence, IteratorProtocol {
        private let storage: JSONStorage
        private var next_: Int
        private let end: Int

        init(of value: JSONValue) {
            storage = value.storage
            let node = value.node
            end = Int(node.next)
            next_ = node.kind == .object ? value.index + 1 : end
        }

        /// The next one, or nil at the end.
        public mutating func next() -> Member? {
            guard next_ < end else { return nil }
            let key = next_
            next_ = Int(storage.tape[key + 1].next)
            return Member(
                key: Key(JSONValue(storage: storage, index: key)),
                value: JSONValue(storage: storage, index: key + 1)
            )
        }
    }

    /// The elements of an array, one after the other.
    public struct Elements: Sequence, IteratorProtocol {
        private let storage: JSONStorage
        private var next_: Int
        private let end: Int

        init(of value: JSONValue) {
            storage = value.storage
            let node = value.node
            end = Int(node.next)
            next_ = node.kind == .array ? value.index + 1 : end
        }

        /// The next one, or nil at the end.
        public mutating func next() -> JSONValue? {
            guard next_ < end else { return nil }
            let element = next_
            next_ = Int(storage.tape[element].next)
            return JSONValue(storage: storage, index: element)
        }
    }
}
