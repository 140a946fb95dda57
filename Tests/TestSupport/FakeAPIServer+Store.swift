import Foundation

extension FakeAPIServer {
    /// What etcd would hold: the events that are, the changes that led there, and how far back they are still known.
    ///
    /// A value: it knows nothing of connections. What happens to it can be written down and read back; see `Record`.
    public struct Store: Sendable {
        /// One change, with the version it made.
        public struct Change: Sendable {
            /// The type of the frame that tells of it.
            public enum Kind: String, Sendable { case added = "ADDED", modified = "MODIFIED", deleted = "DELETED" }
            /// What happened.
            public let kind: Kind
            /// The version that it made.
            public let version: Int
            /// What was there before.
            let previous: Item?
            let item: Item

            /// The event after it; before it, if it was deleted.
            public var event: Event { item.event }
        }

        /// An event at a version of its own.
        struct Item: Sendable {
            /// `namespace/name`: the order of etcd's keys.
            let key: String
            let version: Int
            /// See `Event.body`.
            let body: [UInt8]
            /// Nil after it was read back, until somebody asks.
            private let known: Event?

            init(_ event: Event, version: Int) {
                key = Store.key(event)
                self.version = version
                body = event.body(resourceVersion: version)
                known = event
            }

            init(key: String, version: Int, body: [UInt8]) {
                (self.key, self.version, self.body, known) = (key, version, body, nil)
            }

            var event: Event {
                guard let event = known ?? (try? Event(readingBody: body)) else {
                    preconditionFailure("\(key) cannot be read back")
                }
                return event
            }

            /// As the frame of a deletion shows it: at the version of the deletion.
            func deleted(at version: Int) -> Item { Item(event, version: version) }
        }

        /// The uid of the namespace kube-system, by which clusters are told apart.
        public internal(set) var clusterUID: String
        /// The newest version.
        public internal(set) var version: Int
        /// All changes that were not compacted, in order.
        public internal(set) var changes: [Change] = []
        /// Watches and tokens from before this version are expired.
        public internal(set) var compacted = 0
        /// The version of the newest change that was forgotten: a watch that has not come so far has a gap.
        var newestForgotten = 0
        /// Continue tokens of this version and older ones are expired, whatever is compacted.
        var newestExpiredToken = 0
        /// How many times an event was created or seen again, ever.
        public internal(set) var observations = 0
        /// How many times it was set back to a backup.
        public internal(set) var restores = 0
        var items: [String: Item] = [:]
        /// What it will be set back to; none or one.
        var backups: [Store] = []
        /// What happened and is not written down yet; nil if nobody writes it down.
        var unwritten: [UInt8]?

        /// An empty store at a version.
        ///
        /// - Parameter clusterUID: another one for another cluster.
        public init(version: Int = 1000, clusterUID: String = FakeAPIServer.kubeSystemUID) {
            (self.version, self.clusterUID) = (version, clusterUID)
        }

        /// The events that are there now, with their versions.
        public var events: [(event: Event, version: Int)] {
            items.values.map { ($0.event, $0.version) }
        }

        /// The version that it would be set back to.
        public var backupVersion: Int? { backups.first?.version }

        static func key(_ event: Event) -> String { event.namespace + "/" + event.name }
    }
}

extension FakeAPIServer.Store {
    /// Creates an event, or changes it if one of its name is there.
    ///
    /// - Parameter time: of the change, for what is written down; microseconds since 1970.
    @discardableResult
    public mutating func put(_ event: FakeAPIServer.Event, at time: Int64 = FakeAPIServer.now) -> Int {
        put(Item(event, version: version + 1), at: time)
        return version
    }

    mutating func put(_ item: Item, at time: Int64) {
        let previous = items.updateValue(item, forKey: item.key)
        version = item.version
        observations += 1
        append(
            Change(kind: previous == nil ? .added : .modified, version: version, previous: previous, item: item),
            time
        )
    }

    /// Deletes events at one version, as the end of a lease in etcd does.
    public mutating func delete(_ events: [FakeAPIServer.Event], at time: Int64 = FakeAPIServer.now) {
        delete(keys: events.map { Self.key($0) }, at: time)
    }

    mutating func delete(keys: some Sequence<String>, at time: Int64) {
        advance(at: time)
        for key in keys {
            guard let item = items.removeValue(forKey: key) else { continue }
            let last = item.deleted(at: version)
            append(Change(kind: .deleted, version: version, previous: item, item: last), time)
        }
    }

    private mutating func append(_ change: Change, _ time: Int64) {
        changes.append(change)
        write(.change(change.kind, change.item), at: time)
    }

    /// Counts up, as changes of other kinds of objects do.
    public mutating func advance(by count: Int = 1, at time: Int64 = FakeAPIServer.now) {
        version += count
        write(.advance(to: version), at: time)
    }

    /// Forgets what was before a version: watches from before it, and lists begun before it, are expired.
    public mutating func compact(before version: Int, at time: Int64 = FakeAPIServer.now) {
        guard version > compacted else { return }
        compacted = version
        // Changes are in order.
        let kept = changes.firstIndex { $0.version >= version } ?? changes.endIndex
        if kept > 0 { newestForgotten = changes[kept - 1].version }
        changes.removeSubrange(..<kept)
        write(.compact(before: version), at: time)
    }

    /// Lets all continue tokens that were given out expire, as a compaction would, but no watch.
    public mutating func expireTokens() { newestExpiredToken = version }

    /// Keeps all of it, for `restore`.
    public mutating func backUp(at time: Int64 = FakeAPIServer.now) {
        var copy = self
        copy.backups = []
        copy.unwritten = nil
        backups = [copy]
        write(.backUp(version), at: time)
    }

    /// Goes back to the backup, as an etcd that is restored from one: what was changed since has never been, and
    /// versions that were given out are given out again.
    ///
    /// - Parameter revisionBump: how far the version is moved on from the newest one, with all before it compacted
    ///   (`etcdutl snapshot restore --bump-revision --mark-compacted`); nil to go back to the version of the backup.
    public mutating func restore(revisionBump: Int? = nil, at time: Int64 = FakeAPIServer.now) {
        guard var restored = backups.first else { return }
        restored.backups = backups
        restored.unwritten = unwritten
        restored.observations = observations
        restored.restores = restores + 1
        if let revisionBump {
            restored.version = version + revisionBump
            restored.newestForgotten = restored.changes.last?.version ?? restored.newestForgotten
            restored.changes = []
            restored.compacted = restored.version
        }
        self = restored
        write(.restore(version: version, isBumped: revisionBump != nil), at: time)
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

    private mutating func write(_ record: FakeAPIServer.Record, at time: Int64) {
        // Most stores are of one test, and nobody reads what would be written.
        if unwritten != nil { record.append(to: &unwritten!, version: version, time: time) }
    }
}
