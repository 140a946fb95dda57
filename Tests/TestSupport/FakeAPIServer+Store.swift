import Foundation

extension FakeAPIServer {
    /// What etcd would hold: the events that are, the changes that led there, and how far back they are still known.
    ///
    /// A value: it knows nothing of connections.
    public struct Store: Sendable {
        /// One change, with the version it made.
        public struct Change: Sendable {
            /// The type of the frame that tells of it.
            public enum Kind: String, Sendable { case added = "ADDED", modified = "MODIFIED", deleted = "DELETED" }
            /// What happened.
            public let kind: Kind
            /// The event after it; before it, if it was deleted.
            public let event: Event
            /// The version that it made.
            public let version: Int
        }

        /// A page of a list.
        struct Page {
            let items: ArraySlice<Item>
            let version: Int
            let continueToken: String?
            let remaining: Int
        }

        struct Item: Sendable {
            let key: String
            let event: Event
            let version: Int
        }

        enum Listing {
            case page(Page)
            /// The token is too old; this one continues at the newest version.
            case expired(freshToken: String)
            case invalidToken
        }

        /// The newest version.
        public private(set) var version: Int
        /// All changes that were not compacted, in order.
        public private(set) var changes: [Change] = []
        /// Watches and tokens from before this version are expired.
        public private(set) var compacted = 0
        private var items: [String: Item] = [:]
        /// Lists that were begun and are continued by token, by version.
        private var snapshots: [Int: [Item]] = [:]

        /// An empty store at a version.
        public init(version: Int = 1000) {
            self.version = version
        }

        /// The events that are there now, with their versions.
        public var events: [(event: Event, version: Int)] {
            items.values.map { ($0.event, $0.version) }
        }

        private static func key(_ event: Event) -> String { event.namespace + "/" + event.name }

        /// Creates an event, or changes it if one of its name is there.
        @discardableResult
        public mutating func put(_ event: Event) -> Int {
            version += 1
            let key = Self.key(event)
            let kind: Change.Kind = items[key] == nil ? .added : .modified
            items[key] = Item(key: key, event: event, version: version)
            changes.append(Change(kind: kind, event: event, version: version))
            return version
        }

        /// Deletes events at one version, as the end of a lease in etcd does.
        public mutating func delete(_ events: [Event]) {
            version += 1
            for event in events {
                guard let item = items.removeValue(forKey: Self.key(event)) else { continue }
                changes.append(Change(kind: .deleted, event: item.event, version: version))
            }
        }

        /// Counts up, as a change of another kind of object does.
        public mutating func advance() { version += 1 }

        /// Forgets what was before a version: watches from before it, and lists begun before it, are expired.
        public mutating func compact(before version: Int) {
            compacted = version
            changes.removeAll { $0.version < version }
            snapshots = snapshots.filter { $0.key >= version }
        }

        /// The changes after a version, at most so many.
        func changes(after version: Int, limit: Int) -> ArraySlice<Change> {
            var low = 0
            var high = changes.count
            while low < high {
                let middle = (low + high) / 2
                if changes[middle].version <= version { low = middle + 1 } else { high = middle }
            }
            return changes[low...].prefix(limit)
        }
    }
}

extension FakeAPIServer.Store {
    /// The next page of a list, in the order of etcd's keys.
    mutating func list(namespace: String?, limit: Int?, continueToken: String?) -> Listing {
        var start = ""
        var wanted = version
        if let continueToken {
            guard let token = Token(continueToken) else { return .invalidToken }
            start = token.start
            if token.version != -1 {
                guard token.version >= compacted else {
                    return .expired(freshToken: Token(version: -1, start: start).encoded)
                }
                wanted = token.version
            }
        }
        let all = snapshots[wanted] ?? items.values.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        let prefix = namespace.map { $0 + "/" } ?? ""
        let matching = all.filter { $0.key.hasPrefix(prefix) && ($0.key >= start || start.isEmpty) }
        let items = matching.prefix(limit ?? matching.count)
        let remaining = matching.count - items.count
        guard remaining > 0, let last = items.last else {
            return .page(Page(items: items, version: wanted, continueToken: nil, remaining: 0))
        }
        // The compactor keeps few of these alive; a test that never finishes its lists does not matter.
        snapshots[wanted] = all
        let token = Token(version: wanted, start: last.key + "\u{0}").encoded
        return .page(Page(items: items, version: wanted, continueToken: token, remaining: remaining))
    }

    /// A continue token in the form of `meta.k8s.io/v1`.
    private struct Token {
        let version: Int
        let start: String

        init(version: Int, start: String) {
            self.version = version
            self.start = start
        }

        init?(_ encoded: String) {
            let padded = encoded + String(repeating: "=", count: (4 - encoded.count % 4) % 4)
            guard let data = Data(base64Encoded: padded),
                let content = try? JSONDecoder().decode(Content.self, from: data)
            else { return nil }
            version = content.rv
            start = content.start
        }

        private struct Content: Codable {
            var v = "meta.k8s.io/v1"
            let rv: Int
            let start: String
        }

        var encoded: String {
            let data = try? JSONEncoder().encode(Content(rv: version, start: start))
            return (data ?? Data()).base64EncodedString().replacing("=", with: "")
        }
    }
}
