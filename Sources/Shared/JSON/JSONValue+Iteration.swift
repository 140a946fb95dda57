extension JSONValue {
    /// A member of an object.
    public struct Member: Sendable {
        /// The value.
        public let value: JSONValue
        @usableFromInline let plainLength: Int

        /// - Parameter key: its name's place on the tape; the value follows it.
        init(_ storage: JSONStorage, key: Int) {
            value = JSONValue(storage: storage, index: key + 1)
            let node = storage.tape[key]
            plainLength = node.string.contains(.escaped) ? -1 : Int(node.end) - Int(node.start)
        }

        /// The name. Made when asked for: to keep the document alive twice for each member takes time.
        @inlinable public var key: Key {
            Key(JSONValue(storage: value.storage, index: value.index - 1), plainLength: plainLength)
        }
    }

    /// The name of a member, compared without being decoded where it holds no escape.
    public struct Key: Sendable {
        @usableFromInline let value: JSONValue
        /// In bytes; negative if there is an escape in it, so that its length says nothing.
        @usableFromInline let plainLength: Int

        @inlinable
        init(_ value: JSONValue, plainLength: Int) {
            self.value = value
            self.plainLength = plainLength
        }

        /// The decoded name.
        public var string: String { value.string ?? "" }

        /// The name as a string value.
        public var json: JSONValue { value }

        /// Whether this is the name. Inlined, so that a chain of comparisons with literals is one of small numbers: most
        /// names differ in length.
        @inlinable
        public static func == (key: Key, name: StaticString) -> Bool {
            guard key.plainLength == name.utf8CodeUnitCount || key.plainLength < 0 else { return false }
            return key.isWritten(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        }

        /// Whether this is the name.
        public static func == (key: Key, name: String) -> Bool {
            guard key.plainLength == name.utf8.count || key.plainLength < 0 else { return false }
            var name = name
            return name.withUTF8 { key.isWritten($0) }
        }

        /// Of the same length, if this holds no escape.
        @usableFromInline
        func isWritten(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
            guard plainLength >= 0 else { return string.utf8.elementsEqual(name) }
            return value.withRawBytes { bytes in
                for offset in 0..<bytes.count where bytes[offset] != name[offset] { return false }
                return true
            }
        }
    }

    /// The members of an object in the order of the text, duplicated keys included; nothing for other kinds.
    public var members: Members { Members(of: self) }

    /// The elements of an array; nothing for other kinds.
    public var elements: Elements { Elements(of: self) }

    /// The members of an object, one after the other.
    public struct Members: Sequence, IteratorProtocol {
        private var children: Children

        init(of value: JSONValue) {
            children = Children(of: value, ifKind: .object)
        }

        /// The next one, or nil at the end.
        public mutating func next() -> Member? {
            // The value stands right behind its key.
            children.next(valueOffset: 1).map { Member(children.storage, key: $0) }
        }
    }

    /// The elements of an array, one after the other.
    public struct Elements: Sequence, IteratorProtocol {
        private var children: Children

        init(of value: JSONValue) {
            children = Children(of: value, ifKind: .array)
        }

        /// The next one, or nil at the end.
        public mutating func next() -> JSONValue? {
            children.next(valueOffset: 0).map { JSONValue(storage: children.storage, index: $0) }
        }
    }

    /// How far a walk over the children of a container has come.
    private struct Children {
        let storage: JSONStorage
        private var position: Int
        private let end: Int

        init(of value: JSONValue, ifKind kind: JSONNode.Kind) {
            storage = value.storage
            let node = value.node
            end = Int(node.next)
            position = node.kind == kind ? value.index + 1 : end
        }

        /// The next child's place on the tape.
        ///
        /// - Parameter valueOffset: how many nodes behind that place its value stands, whose end is the child's.
        mutating func next(valueOffset: Int) -> Int? {
            guard position < end else { return nil }
            let child = position
            position = Int(storage.tape[child + valueOffset].next)
            return child
        }
    }
}
