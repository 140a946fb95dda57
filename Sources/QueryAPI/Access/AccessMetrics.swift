internal import Metrics

/// What access control counts. No label takes a value that a client can invent.
final class AccessMetrics: Sendable {
    /// Requests that are made to find out who somebody is.
    enum Request: String, CaseIterable {
        case tokenReview = "tokenreview"
        case subjectAccessReview = "subjectaccessreview"
        case discovery = "oidc_discovery"
        case keys = "oidc_keys"
    }

    private let seconds: [Request: Timer]
    private let failures: [Request: Counter]

    init() {
        func made<Metric>(_ make: (Request) -> Metric) -> [Request: Metric] {
            Dictionary(uniqueKeysWithValues: Request.allCases.map { ($0, make($0)) })
        }
        seconds = made { Timer(label: "request_processing_seconds", dimensions: [("kind", $0.rawValue)]) }
        failures = made { Counter(label: "access_requests_failed_total", dimensions: [("kind", $0.rawValue)]) }
    }

    /// A request came to its end.
    func record(_ request: Request, took duration: Duration, failed: Bool) {
        seconds[request]?.recordNanoseconds(
            duration.components.seconds * 1_000_000_000 + duration.components.attoseconds / 1_000_000_000
        )
        if failed { failures[request]?.increment() }
    }
}
