import EventSchema
import KubernetesAPI

/// Which resource a kind is. It knows those of Kubernetes itself, and those of others as far as a discovery was read.
///
/// Of Kubernetes' own only those are asked for that a controller makes or that make others: each of them is a rule of
/// RBAC more, and for Secrets there is no right to the metadata alone.
struct ResourceCatalog {
    /// What a kind is.
    enum Meaning: Equatable {
        /// Ask for it.
        case resource(APIResource)
        /// Nothing is to be asked: it is never owned. Whether it lies in a namespace.
        case unowned(isNamespaced: Bool)
        /// Read which kinds this version of a group has.
        case unread(group: String, version: String)
        /// There is no such kind.
        case none
    }

    private struct Version: Hashable {
        let group: String
        let version: String
    }

    private struct Read {
        let resources: [String: APIResource]
        let until: ContinuousClock.Instant
    }

    private var versions: [Version: Read] = [:]

    /// For how long a discovery holds: a kind comes with its operator.
    static let age = Duration.seconds(600)
    /// Versions of groups; anyone who may create events can name others. Beyond it the one that is read longest ago is
    /// forgotten.
    static let limit = 256
    /// Kinds of one version that are remembered; no group of Kubernetes has a tenth of that.
    static let kindLimit = 512

    func meaning(of kind: ObjectKind, at now: ContinuousClock.Instant) -> Meaning {
        if let known = Self.asked[kind.kind], kind.apiVersion.isEmpty || Self.groups(known).contains(kind.group) {
            return .resource(known)
        }
        guard !kind.apiVersion.isEmpty else {
            return Self.clusterKinds.contains(kind.kind) ? .unowned(isNamespaced: false) : .none
        }
        if Self.isBuiltIn(kind.group) { return .unowned(isNamespaced: !Self.clusterKinds.contains(kind.kind)) }
        let parts = kind.apiVersion.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ Self.isDNSName($0) }) else { return .none }
        let version = Version(group: String(parts[0]), version: String(parts[1]))
        guard let read = versions[version], now < read.until else {
            return .unread(group: version.group, version: version.version)
        }
        return read.resources[kind.kind].map { .resource($0) } ?? .none
    }

    mutating func read(_ resources: [APIResource], group: String, version: String, at now: ContinuousClock.Instant) {
        if versions.count >= Self.limit, let oldest = versions.min(by: { $0.value.until < $1.value.until }) {
            versions[oldest.key] = nil
        }
        let byKind = Dictionary(resources.prefix(Self.kindLimit).map { ($0.kind, $0) }) { first, _ in first }
        versions[Version(group: group, version: version)] = Read(resources: byKind, until: now + Self.age)
    }

    /// `apps` of today was `extensions` in old events.
    private static func groups(_ resource: APIResource) -> [Substring] {
        resource.group == "apps" ? ["apps", "extensions"] : [resource.group[...]]
    }

    /// Groups without a dot and those below k8s.io are Kubernetes' own, or promised to it.
    private static func isBuiltIn(_ group: Substring) -> Bool { !group.contains(".") || group.hasSuffix(".k8s.io") }

    /// What makes a group or a version, and leads nowhere else in a path.
    private static func isDNSName(_ text: Substring) -> Bool {
        (1...253).contains(text.utf8.count) && text.first != "."
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
                    UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }

    private static func builtIn(_ name: String, _ kind: String, _ group: String) -> APIResource {
        APIResource(group: group, version: "v1", name: name, kind: kind, isNamespaced: true)
    }

    /// Kubernetes' own that are asked for, by kind; docs/operations.md has the RBAC rule for them.
    static let asked: [String: APIResource] = Dictionary(
        uniqueKeysWithValues: [
            builtIn("pods", "Pod", ""), builtIn("replicationcontrollers", "ReplicationController", ""),
            builtIn("persistentvolumeclaims", "PersistentVolumeClaim", ""),
            builtIn("replicasets", "ReplicaSet", "apps"), builtIn("deployments", "Deployment", "apps"),
            builtIn("statefulsets", "StatefulSet", "apps"), builtIn("daemonsets", "DaemonSet", "apps"),
            builtIn("jobs", "Job", "batch"), builtIn("cronjobs", "CronJob", "batch"),
        ].map { ($0.kind, $0) }
    )

    /// Kubernetes' own that lie in no namespace and that events are about.
    private static let clusterKinds: Set = [
        "Node", "Namespace", "PersistentVolume", "CertificateSigningRequest", "CustomResourceDefinition", "APIService",
        "StorageClass", "VolumeAttachment", "CSINode", "CSIDriver", "PriorityClass", "IngressClass", "RuntimeClass",
        "ClusterRole", "ClusterRoleBinding", "ResourceSlice", "DeviceClass", "FlowSchema",
        "PriorityLevelConfiguration", "GatewayClass",
    ]
}
