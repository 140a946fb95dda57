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
    case openapi = "/openapi.json"
    case docs = "/docs"
    case livez = "/livez"
    case readyz = "/readyz"

    /// The route of a path, nil if there is none. Strict: an empty part, and so a slash at the end, matches nothing.
    init?(path: String) {
        switch path {
        case "/events": self = .events
        case "/clusters": self = .clusters
        case "/stats": self = .stats
        case "/openapi.json": self = .openapi
        case "/docs": self = .docs
        case "/livez": self = .livez
        case "/readyz": self = .readyz
        default:
            if path.hasPrefix("/clusters/") {
                guard Self.parts(of: path.utf8.dropFirst("/clusters/".utf8.count)) == 2 else { return nil }
                if path.hasSuffix("/coverage") {
                    self = .coverage
                } else if path.hasSuffix("/namespaces") {
                    self = .namespaces
                } else {
                    return nil
                }
                return
            }
            if path.hasPrefix("/stats/") {
                switch Self.parts(of: path.utf8.dropFirst("/stats/".utf8.count)) {
                case 1: self = .clusterStats
                case 2: self = .namespaceStats
                default: return nil
                }
                return
            }
            guard path.hasPrefix("/events/"), let parts = Self.parts(of: path.utf8.dropFirst("/events/".utf8.count))
            else { return nil }
            switch parts {
            case 1: self = .cluster
            case 2: self = .namespace
            case 3: self = .resource
            case 4: self = .object
            default: return nil
            }
        }
    }

    private static func parts(of rest: Substring.UTF8View) -> Int? {
        var parts = 1
        var previous = UInt8(ascii: "/")
        for byte in rest {
            if byte == UInt8(ascii: "/") {
                if previous == byte { return nil }
                parts += 1
            }
            previous = byte
        }
        return previous == UInt8(ascii: "/") ? nil : parts
    }

    /// Health is asked for by machines, often: it costs nothing and is not limited.
    var isRateLimited: Bool {
        switch self {
        case .livez, .readyz, .openapi, .docs: false
        case .events, .cluster, .namespace, .resource, .object, .clusters, .namespaces, .coverage, .stats,
            .clusterStats,
            .namespaceStats:
            true
        }
    }

    /// Whether it tells anything of the archive, so that a token is asked for where access is not open.
    var needsAccess: Bool {
        switch self {
        case .livez, .readyz, .openapi, .docs: false
        case .events, .cluster, .namespace, .resource, .object, .clusters, .namespaces, .coverage, .stats,
            .clusterStats,
            .namespaceStats:
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
