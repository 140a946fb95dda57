public import Foundation
import JSON

extension FakeAPIServer {
    /// An object of some kind, of which nothing but its metadata matters.
    public struct Object: Sendable, Hashable {
        /// Group and version, such as `apps/v1`.
        public var apiVersion: String
        /// Such as `ReplicaSet`.
        public var kind: String
        /// The plural, as it stands in paths.
        public var resource: String
        /// Empty for what lies in none.
        public var namespace: String
        /// `metadata.name`.
        public var name: String
        /// `metadata.uid`.
        public var uid: String

        /// An object with a uid of its own.
        public init(
            _ kind: String,
            _ apiVersion: String = "v1",
            resource: String? = nil,
            namespace: String = "shop",
            name: String,
            uid: String = UUID().uuidString.lowercased()
        ) {
            (self.kind, self.apiVersion, self.namespace, self.name, self.uid) = (kind, apiVersion, namespace, name, uid)
            self.resource = resource ?? kind.lowercased() + "s"
        }

        var group: String { apiVersion.contains("/") ? String(apiVersion.prefix { $0 != "/" }) : "" }

        var path: String {
            (group.isEmpty ? "/api/" : "/apis/") + apiVersion
                + (namespace.isEmpty ? "" : "/namespaces/\(namespace)") + "/\(resource)/\(name)"
        }
    }

    /// The objects there are, beside events and leases, and who owns them.
    struct Objects: Sendable {
        /// By path.
        var objects: [String: (object: Object, owner: Object?)] = [:]
        /// Plurals that nobody may read.
        var forbidden: Set<String> = []
        /// Served kinds that are found by discovery.
        var kinds: [Object] = []

        func answer(_ request: Request) -> Answer {
            let parts = request.path.split(separator: "/").map(String.init)
            let isCore = parts.first == "api"
            if parts.count == (isCore ? 2 : 3) { return discovery(isCore ? parts[1] : parts[1] + "/" + parts[2]) }
            let rest = parts.dropFirst(isCore ? 2 : 3)
            let place = Array(rest.count == 4 && rest.first == "namespaces" ? rest.dropFirst(2) : rest)
            guard place.count == 2 else { return .recorded("http-404-resource") }
            let group = isCore ? "" : parts[1]
            if forbidden.contains(place[0]) {
                return Self.status(
                    "403 Forbidden",
                    "Forbidden",
                    #"\#(place[0]) \"\#(place[1])\" is forbidden: User \"system:serviceaccount:collector:reader\" cannot "#
                        + #"get resource \"\#(place[0])\" in API group \"\#(group)\""#,
                    #""name":"\#(place[1])","kind":"\#(place[0])""#
                )
            }
            if let (object, owner) = objects[request.path] {
                let isPartial = request.accept?.contains("as=PartialObjectMetadata;g=meta.k8s.io;v=v1") == true
                return .bytes(Answer.whole("200 OK", Self.body(object, owner, isPartial: isPartial)))
            }
            let known = kinds + objects.values.map(\.object)
            guard Self.served.contains(place[0]) || known.contains(where: { $0.resource == place[0] }) else {
                return .recorded("http-404-resource")
            }
            let resource = place[0] + (group.isEmpty ? "" : "." + group)
            return Self.status(
                "404 Not Found",
                "NotFound",
                #"\#(resource) \"\#(place[1])\" not found"#,
                #""name":"\#(place[1])","kind":"\#(place[0])""#
            )
        }

        private static let served: Set = ["pods", "replicasets", "deployments", "jobs", "cronjobs", "nodes"]

        private func discovery(_ version: String) -> Answer {
            let kinds = kinds.filter { $0.apiVersion == version }
            guard !kinds.isEmpty else { return .recorded("http-404-resource") }
            let resources = kinds.flatMap { kind in
                ["", "/status"].map {
                    #"{"name":"\#(kind.resource)\#($0)","singularName":"","namespaced":\#(!kind.namespace.isEmpty),"#
                        + #""kind":"\#(kind.kind)","verbs":["get"]}"#
                }
            }
            return .bytes(
                Answer.whole(
                    "200 OK",
                    #"{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"\#(version)","resources":["#
                        + resources.joined(separator: ",") + "]}\n"
                )
            )
        }

        private static func body(_ object: Object, _ owner: Object?, isPartial: Bool) -> String {
            let namespace = object.namespace.isEmpty ? "" : #""namespace":"\#(object.namespace)","#
            let owners = owner.map { owner in
                // One that owns it and does not control it comes first.
                #""ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"other","#
                    + #""uid":"99999999-9999-4999-8999-999999999999"},"#
                    + #"{"apiVersion":"\#(owner.apiVersion)","kind":"\#(owner.kind)","name":"\#(owner.name)","#
                    + #""uid":"\#(owner.uid)","controller":true,"blockOwnerDeletion":true}],"#
            }
            let (kind, version) =
                isPartial ? ("PartialObjectMetadata", "meta.k8s.io/v1") : (object.kind, object.apiVersion)
            return #"{"kind":"\#(kind)","apiVersion":"\#(version)","metadata":{"name":"\#(object.name)","#
                + namespace + #""uid":"\#(object.uid)","resourceVersion":"1547","generation":2,"#
                + #""creationTimestamp":"2026-11-21T02:06:53Z","# + (owners ?? "")
                + #""managedFields":[{"manager":"kube-controller-manager","operation":"Update","fieldsV1":{}}]}"#
                + (isPartial ? "" : #","spec":{"nodeName":"hollow-1"},"status":{"phase":"Running"}"#) + "}\n"
        }

        private static func status(_ line: String, _ reason: String, _ message: String, _ details: String) -> Answer {
            .bytes(
                Answer.whole(
                    line,
                    #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"\#(message)","#
                        + #""reason":"\#(reason)","details":{\#(details)},"code":\#(line.prefix(3))}"# + "\n"
                )
            )
        }
    }

    /// Creates an object, or puts it in the place of the one that has its name.
    public func put(_ object: Object, ownedBy owner: Object? = nil) {
        state.change { $0.objects.objects[object.path] = (object, owner) }
    }

    /// Deletes an object.
    public func delete(_ object: Object) {
        state.change { $0.objects.objects[object.path] = nil }
    }

    /// Lets nobody read these plurals, and everybody all others.
    public func forbid(_ resources: Set<String>) {
        state.change { $0.objects.forbidden = resources }
    }

    /// Serves a kind of a CRD; what else the object says does not matter.
    public func serve(_ kind: Object) {
        state.change { $0.objects.kinds.append(kind) }
    }

    /// How often an object was asked for.
    public func questions(about object: Object) -> Int {
        state.read { $0.requests.filter { $0.path == object.path }.count }
    }
}
