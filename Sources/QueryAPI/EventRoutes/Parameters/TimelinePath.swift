internal import EventReader

/// What the path of the timeline route names, decoded.
struct TimelinePath: Equatable, Sendable {
    let cluster: String
    let namespace: String
    let kind: String
    let name: String

    /// - Throws: a 404 for another route, a 400 for a part that cannot be decoded.
    init(_ path: String) throws(Problem) {
        let parts = path.split(separator: "/")
        guard Route(path: path) == .timeline, parts.count == 5 else { throw .noRoute(for: path) }
        cluster = try EventPath.part(parts[1], "cluster")
        namespace = try EventPath.part(parts[2], "namespace")
        kind = try EventPath.part(parts[3], "kind")
        name = try EventPath.part(parts[4], "name")
    }

    var scope: EventQuery.Scope { .namespace(cluster: cluster, namespace: namespace) }

    /// To tell its tokens from those of other paths.
    var parts: [String] { ["timeline", cluster, namespace, kind, name] }
}
