public import EventModel
public import EventSchema
import JSON

/// An object as an event or an owner reference names it.
public struct ObjectReference: Sendable, Hashable {
    /// Its uid: names come again, uids never.
    public var uid: UUIDBits
    /// Kind and apiVersion, as they are written there; an event's apiVersion can be empty.
    public var kind: ObjectKind
    /// Where its events lie: its own namespace, or some other for what belongs to the cluster as a whole. Once its
    /// resource is known, its own: empty for the latter.
    public var namespace: String
    /// Its name.
    public var name: String

    /// A reference from its parts.
    public init(uid: UUIDBits, kind: ObjectKind, namespace: String, name: String) {
        (self.uid, self.kind, self.namespace, self.name) = (uid, kind, namespace, name)
    }

    /// What an event is about; nil if it does not say so in a way that could be asked for. Authors of events can write
    /// anything: a name that would lead elsewhere in a path is none.
    public init?(_ event: Event) {
        guard let object = event.involvedObject, let uid = object.uid?.string.flatMap({ UUIDBits(canonical: $0) }),
            let kind = object.kind?.string, let name = object.name?.string, Self.isName(name), Self.isName(kind)
        else { return nil }
        let own = object.namespace?.string ?? ""
        let namespace = own.isEmpty ? event.metadata?.namespace?.string ?? "" : own
        guard namespace.isEmpty || Self.isName(namespace) else { return nil }
        let apiVersion = object.apiVersion?.string ?? ""
        guard apiVersion.utf8.count <= Self.longest else { return nil }
        self.init(uid: uid, kind: ObjectKind(apiVersion: apiVersion, kind: kind), namespace: namespace, name: name)
    }

    /// Kubernetes' rule for a segment of a path (apimachinery's `IsValidPathSegmentName`), with the longest name there
    /// is, and without U+0000, which the archive's texts cannot hold.
    static func isName(_ text: String) -> Bool {
        !text.isEmpty && text != "." && text != ".." && text.utf8.count <= longest
            && !text.utf8.contains { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "%") || $0 == 0 }
    }

    private static let longest = 253
}

/// What is to be kept of an object.
public struct ObjectRecord: Sendable, Equatable {
    /// The controller of an object, as its owner reference names it.
    public struct Owner: Sendable, Hashable {
        /// Its uid.
        public var uid: UUIDBits
        /// Kind and apiVersion.
        public var kind: ObjectKind
        /// Its name; it lies in the namespace of what it owns, or in none.
        public var name: String

        /// An owner from its parts.
        public init(uid: UUIDBits, kind: ObjectKind, name: String) {
            (self.uid, self.kind, self.name) = (uid, kind, name)
        }
    }

    /// Which object.
    public var object: ObjectReference
    /// How well its owner is known.
    public var chain: ObjectChain
    /// Nil if it has none, or none is known.
    public var owner: Owner?

    /// A record from its parts.
    public init(_ object: ObjectReference, _ chain: ObjectChain, owner: Owner? = nil) {
        (self.object, self.chain, self.owner) = (object, chain, owner)
    }
}
