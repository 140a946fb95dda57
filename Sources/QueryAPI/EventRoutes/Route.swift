internal import Hummingbird

/// The routes there are, as templates: what a path is matched with and what metrics are labelled with.
enum Route: String, CaseIterable, Sendable {
    case events = "/events"
    case cluster = "/events/{cluster}"
    case namespace = "/events/{cluster}/{namespace}"
    case resource = "/events/{cluster}/{namespace}/{resource}"
    case object = "/events/{cluster}/{namespace}/{kind}/{name}"
    case clusters = "/clusters"
    case namespaces = "/clusters/{cluster}/namespaces"
    case coverage = "/clusters/{cluster}/coverage"
    case stats = "/stats"
    case clusterStats = "/stats/{cluster}"
    case namespaceStats = "/stats/{cluster}/{namespace}"
    case timeline = "/timeline/{cluster}/{namespace}/{kind}/{name}"
    case openapi = "/openapi.json"
    case docs = "/docs"
    case livez = "/livez"
    case readyz = "/readyz"

    /// The route of a path, nil if there is none. Strict: an empty part, and so a slash at the end, matches nothing.
    init?(path: String) {
        let parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).dropFirst()
        guard let first = parts.first, !parts.contains(where: \.isEmpty) else { return nil }
        switch (String(Substring(first)), parts.count) {
        case ("events", 1): self = .events
        case ("events", 2): self = .cluster
        case ("events", 3): self = .namespace
        case ("events", 4): self = .resource
        case ("events", 5): self = .object
        case ("clusters", 1): self = .clusters
        case ("clusters", 3) where path.hasSuffix("/namespaces"): self = .namespaces
        case ("clusters", 3) where path.hasSuffix("/coverage"): self = .coverage
        case ("stats", 1): self = .stats
        case ("stats", 2): self = .clusterStats
        case ("stats", 3): self = .namespaceStats
        case ("timeline", 5): self = .timeline
        case ("openapi.json", 1): self = .openapi
        case ("docs", 1): self = .docs
        case ("livez", 1): self = .livez
        case ("readyz", 1): self = .readyz
        default: return nil
        }
    }

    /// Health is asked for by machines, often: it costs nothing and is not limited. Nor is what tells nothing of the
    /// archive.
    var isRateLimited: Bool { needsAccess }

    /// Whether it tells anything of the archive, so that a token is asked for where access is not open.
    var needsAccess: Bool {
        switch self {
        case .livez, .readyz, .openapi, .docs: false
        case .events, .cluster, .namespace, .resource, .object, .clusters, .namespaces, .coverage, .stats,
            .clusterStats,
            .namespaceStats, .timeline:
            true
        }
    }
}

extension Route {
    /// For the router, which only tells routes apart: the parts are read by `EventPath`, strictly.
    var routerPath: RouterPath {
        RouterPath(rawValue.split(separator: "/").map { $0.hasPrefix("{") ? "*" : $0 }.joined(separator: "/"))
    }
}
