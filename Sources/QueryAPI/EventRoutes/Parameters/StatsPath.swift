internal import EventReader

/// What the path of a stats route names, decoded.
enum StatsPath: Equatable, Sendable {
    case everything
    case cluster(String)
    case namespace(cluster: String, namespace: String)

    /// - Throws: a 404 for what is no stats route, a 400 for a part that cannot be decoded.
    init(_ path: String) throws(Problem) {
        let parts = path.split(separator: "/").dropFirst()
        switch Route(path: path) {
        case .stats: self = .everything
        case .clusterStats: self = .cluster(try EventPath.part(parts[1], "cluster"))
        case .namespaceStats:
            self = .namespace(
                cluster: try EventPath.part(parts[1], "cluster"),
                namespace: try EventPath.part(parts[2], "namespace")
            )
        default: throw .noRoute(for: path)
        }
    }

    var scope: EventQuery.Scope {
        switch self {
        case .everything: .everything
        case .cluster(let cluster): .cluster(cluster)
        case .namespace(let cluster, let namespace): .namespace(cluster: cluster, namespace: namespace)
        }
    }

    /// What can be counted by: not what the path names.
    var keys: [StatsQuery.Key] {
        switch self {
        case .everything: StatsQuery.Key.allCases
        case .cluster: StatsQuery.Key.allCases.filter { $0 != .cluster }
        case .namespace: StatsQuery.Key.allCases.filter { $0 != .cluster && $0 != .namespace }
        }
    }
}
