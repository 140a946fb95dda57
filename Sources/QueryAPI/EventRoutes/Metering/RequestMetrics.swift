internal import CoreMetrics
internal import HTTPTypes
internal import Synchronization

/// The metrics of requests. No label takes a value that a client can invent: routes are templates, methods a fixed set.
final class RequestMetrics: Sendable {
    private struct Key: Hashable {
        let route: Route?
        let method: Method
        let status: Int
    }

    private enum Method: String {
        case get = "GET"
        case head = "HEAD"
        case other

        init(_ method: HTTPRequest.Method) {
            switch method {
            case .get: self = .get
            case .head: self = .head
            default: self = .other
            }
        }
    }

    private let factory: any MetricsFactory
    /// Bounded by routes, methods and the statuses that we answer.
    private let requests = Mutex<[Key: Counter]>([:])
    private let seconds: [Route?: Timer]
    private let failed: [Route?: Counter]
    private let exceptions: Counter
    private let rateLimited: Counter

    init(factory: any MetricsFactory) {
        self.factory = factory
        let routes: [Route?] = Route.allCases + [nil]
        seconds = Dictionary(
            uniqueKeysWithValues: routes.map {
                let labels = [("route", Self.label($0))]
                return ($0, Timer(label: "request_processing_seconds", dimensions: labels, factory: factory))
            }
        )
        failed = Dictionary(
            uniqueKeysWithValues: routes.map {
                let labels = [("route", Self.label($0))]
                return ($0, Counter(label: "requests_failed_total", dimensions: labels, factory: factory))
            }
        )
        exceptions = Counter(label: "exceptions_total", factory: factory)
        rateLimited = Counter(label: "rate_limited_total", factory: factory)
    }

    private static func label(_ route: Route?) -> String { route?.rawValue ?? "other" }

    /// Counts an answered request.
    func record(_ route: Route?, _ method: HTTPRequest.Method, status: Int, took duration: Duration) {
        let key = Key(route: route, method: Method(method), status: status)
        counter(key).increment()
        seconds[route]?.recordNanoseconds(duration.nanoseconds)
        if status >= 500 { failed[route]?.increment() }
    }

    func countException() { exceptions.increment() }
    func countRateLimited() { rateLimited.increment() }

    private func counter(_ key: Key) -> Counter {
        requests.withLock { requests in
            if let counter = requests[key] { return counter }
            let counter = Counter(
                label: "requests_total",
                dimensions: [
                    ("route", Self.label(key.route)), ("method", key.method.rawValue), ("status", String(key.status)),
                ],
                factory: factory
            )
            requests[key] = counter
            return counter
        }
    }
}

extension Duration {
    fileprivate var nanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}
