internal import JSON

/// What an API server says of any object when it is asked for its metadata only (`PartialObjectMetadata` of
/// meta.k8s.io/v1).
public struct ObjectMetadata: Sendable, Equatable {
    /// A reference out of `metadata.ownerReferences`: in the object's own namespace, or to an object of the cluster.
    public struct Owner: Sendable, Equatable {
        /// Group and version, such as `apps/v1`.
        public var apiVersion: String
        /// Such as `ReplicaSet`.
        public var kind: String
        /// The owner's name.
        public var name: String
        /// The owner's uid.
        public var uid: String

        /// A reference from its parts.
        public init(apiVersion: String, kind: String, name: String, uid: String) {
            (self.apiVersion, self.kind, self.name, self.uid) = (apiVersion, kind, name, uid)
        }
    }

    /// `metadata.uid`.
    public var uid: String
    /// The one owner with `controller: true`; an object has no more than one.
    public var controller: Owner?

    /// Metadata from their parts.
    public init(uid: String, controller: Owner? = nil) {
        (self.uid, self.controller) = (uid, controller)
    }

    struct Malformed: Error { let reason: String }

    init(body: [UInt8]) throws(Malformed) {
        guard let root = try? JSONDocument(parsing: body).root, let metadata = root["metadata"],
            let uid = metadata["uid"]?.string, !uid.isEmpty
        else { throw Malformed(reason: "the answer has no metadata.uid") }
        self.uid = uid
        for reference in metadata["ownerReferences"]?.elements.map({ $0 }) ?? []
        where reference["controller"]?.bool == true {
            guard let apiVersion = reference["apiVersion"]?.string, let kind = reference["kind"]?.string,
                let name = reference["name"]?.string, let owner = reference["uid"]?.string
            else { throw Malformed(reason: "an owner reference has no apiVersion, kind, name or uid") }
            controller = Owner(apiVersion: apiVersion, kind: kind, name: name, uid: owner)
        }
    }
}

/// A kind as an API server serves it.
public struct APIResource: Sendable, Hashable {
    /// Empty for core.
    public var group: String
    /// Such as `v1`.
    public var version: String
    /// The plural, as it stands in paths and in RBAC rules: `replicasets`.
    public var name: String
    /// Such as `ReplicaSet`.
    public var kind: String
    /// Whether its objects lie in namespaces.
    public var isNamespaced: Bool

    /// A resource from its parts.
    public init(group: String, version: String, name: String, kind: String, isNamespaced: Bool) {
        (self.group, self.version, self.name, self.kind) = (group, version, name, kind)
        self.isNamespaced = isNamespaced
    }

    /// `/api/v1` or `/apis/apps/v1`.
    static func path(group: String, version: String) -> String {
        group.isEmpty
            ? "/api/\(PercentEncoding.component(version))"
            : "/apis/\(PercentEncoding.component(group))/\(PercentEncoding.component(version))"
    }

    /// Where an object lies; the namespace is left out where there is none.
    func path(namespace: String, name object: String) -> String {
        let namespace = isNamespaced ? "/namespaces/\(PercentEncoding.component(namespace))" : ""
        return Self.path(group: group, version: version) + namespace + "/\(PercentEncoding.component(name))/"
            + PercentEncoding.component(object)
    }
}
