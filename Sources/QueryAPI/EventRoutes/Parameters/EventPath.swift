/// What the path of an event route names, decoded.
enum EventPath: Equatable, Sendable {
    case everything
    case cluster(String)
    case namespace(cluster: String, namespace: String)
    /// The third part is a kind, or an object's name.
    case resource(cluster: String, namespace: String, resource: String)
    case object(cluster: String, namespace: String, kind: String, name: String)

    /// A slash that is percent-encoded stays in its part; `.` and `..` are names like any other.
    /// - Throws: a 404 for what is no event route, a 400 for a part that cannot be decoded.
    init(_ path: String) throws(Problem) {
        guard let route = Route(path: path) else { throw .noRoute(for: path) }
        let names: [String]
        switch route {
        case .events: names = []
        case .cluster: names = ["cluster"]
        case .namespace: names = ["cluster", "namespace"]
        case .resource: names = ["cluster", "namespace", "resource"]
        case .object: names = ["cluster", "namespace", "kind", "name"]
        case .stats, .clusterStats, .namespaceStats, .clusters, .namespaces, .coverage, .openapi, .docs, .livez,
            .readyz:
            throw .noRoute(for: path)
        }
        var parts: [String] = []
        for (part, name) in zip(path.split(separator: "/").dropFirst(), names) {
            parts.append(try Self.part(part, name))
        }
        switch parts.count {
        case 0: self = .everything
        case 1: self = .cluster(parts[0])
        case 2: self = .namespace(cluster: parts[0], namespace: parts[1])
        case 3: self = .resource(cluster: parts[0], namespace: parts[1], resource: parts[2])
        default: self = .object(cluster: parts[0], namespace: parts[1], kind: parts[2], name: parts[3])
        }
    }

    /// A part of a path, decoded.
    /// - Throws: a 400 that names it.
    static func part(_ part: Substring, _ name: String) throws(Problem) -> String {
        do {
            return try PercentDecoding.decode(part.utf8, plusIsSpace: false)
        } catch {
            throw .parameter(name, "The \(name) \(String(part).quoted) in the path is wrong: \(error.reason).")
        }
    }

    /// The parts as they were given, to tell one route's token from another's.
    var parts: [String] {
        switch self {
        case .everything: []
        case .cluster(let cluster): [cluster]
        case .namespace(let cluster, let namespace): [cluster, namespace]
        case .resource(let cluster, let namespace, let resource): [cluster, namespace, resource]
        case .object(let cluster, let namespace, let kind, let name): [cluster, namespace, kind, name]
        }
    }
}
