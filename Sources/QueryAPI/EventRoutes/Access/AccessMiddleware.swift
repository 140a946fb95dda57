internal import Access
internal import CoreMetrics
internal import HTTPTypes
internal import Hummingbird

/// Finds out who asks, before anything else is looked at.
///
/// It stands behind the rate limit, so that a flood is refused before it reaches an API server, and inside what turns
/// errors into answers.
struct AccessMiddleware: RouterMiddleware {
    typealias Context = APIContext

    let access: AccessControl
    let metrics: AccessDenials
    /// How long all may take together that is asked of others for one request.
    let timeout: Duration

    func handle(
        _ request: Request,
        context: APIContext,
        next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        guard !access.isOpen, context.route?.needsAccess ?? true else { return try await next(request, context) }
        var context = context
        do {
            try Self.refuseTokenInURL(request)
            context.viewer = try await access.viewer(
                authorization: request.headers[.authorization],
                cluster: Self.cluster(of: request.uri.path),
                deadline: .now.advanced(by: timeout)
            )
            var response = try await next(request, context)
            let leftOut = context.viewer.clustersLeftOut
            if leftOut > 0 { response.headers[.clustersLeftOut] = String(leftOut) }
            // What one may see, a shared cache must not hand to another.
            if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "private, no-store" }
            response.headers[.vary] = [response.headers[.vary], "Authorization"].compactMap(\.self)
                .joined(separator: ", ")
            return response
        } catch let error as AccessError {
            metrics.count(error, mode: context.viewer.mode, hasToken: request.headers[.authorization] != nil)
            throw error
        }
    }

    /// URLs end up in logs, histories and Referer fields. Source: RFC 6750 section 5.3.
    private static func refuseTokenInURL(_ request: Request) throws(Problem) {
        for item in (request.uri.query ?? "").split(separator: "&") {
            let name = item.prefix { $0 != "=" }
            guard name == "access_token" || name == "token" else { continue }
            throw .parameter(
                String(name),
                "A token in a URL ends up in logs. Send it as 'Authorization: Bearer <token>', and make a new one in "
                    + "place of this."
            )
        }
    }

    /// Of all routes about one cluster its name is the second part. What cannot be decoded is nobody's name.
    private static func cluster(of path: String) -> String? {
        let parts = path.split(separator: "/", maxSplits: 2)
        guard parts.count >= 2 else { return nil }
        return try? PercentDecoding.decode(parts[1].utf8, plusIsSpace: false)
    }
}

/// Counts who was refused. No label takes a value that a client can invent.
struct AccessDenials: Sendable {
    private enum Result: String, CaseIterable {
        case noToken = "no_token"
        case invalidToken = "invalid_token"
        case forbidden
        case unavailable
    }

    private struct Key: Hashable {
        let mode: AccessMode?
        let result: Result
    }

    private let counters: [Key: Counter]

    init(factory: any MetricsFactory) {
        var counters: [Key: Counter] = [:]
        for mode in AccessMode.allCases.map(Optional.some) + [nil] where mode != .open {
            for result in Result.allCases {
                let dimensions = [("mode", mode?.rawValue ?? "none"), ("result", result.rawValue)]
                counters[Key(mode: mode, result: result)] =
                    Counter(label: "access_denied_total", dimensions: dimensions, factory: factory)
            }
        }
        self.counters = counters
    }

    /// - Parameter mode: `open` for a viewer who is not known.
    func count(_ error: AccessError, mode: AccessMode, hasToken: Bool) {
        let result: Result =
            switch error {
            case .unauthenticated: hasToken ? .invalidToken : .noToken
            case .forbidden: .forbidden
            case .unavailable: .unavailable
            }
        counters[Key(mode: mode == .open ? nil : mode, result: result)]?.increment()
    }
}

extension HTTPField.Name {
    /// How many clusters could not be asked what the viewer may see there, so that their events are not in the answer.
    static let clustersLeftOut = HTTPField.Name("KEE-Clusters-Left-Out")!
}
