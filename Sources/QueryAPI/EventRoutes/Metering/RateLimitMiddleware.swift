internal import Access
internal import HTTPTypes
internal import Hummingbird
internal import Listener
internal import RateLimit

/// Counts each call against the bucket of its client, and tells the client how it stands.
struct RateLimitMiddleware: RouterMiddleware {
    typealias Context = APIContext

    let limiter: SharedRateLimiter
    let key: RateKey
    let trustedProxies: [AddressRange]
    let metrics: RequestMetrics
    /// Whether answers say how the client stands, or only refusals.
    var tellsAll = true

    /// In front of access control, where calls are counted by name: who it is costs something to find out, maybe a question
    /// to an API server. So many calls a second are allowed from one address that only a flood meets the bound.
    func ofUnknown() -> RateLimitMiddleware {
        let policy = try? RatePolicy(name: "address", perSecond: 20, burst: 100)
        // Those numbers are in range.
        let rules = limiter.rules.isUnlimited ? limiter.rules : policy.map { RateRules($0) } ?? limiter.rules
        return RateLimitMiddleware(
            limiter: SharedRateLimiter(rules: rules),
            key: .address,
            trustedProxies: trustedProxies,
            metrics: metrics,
            tellsAll: false
        )
    }

    func handle(
        _ request: Request,
        context: APIContext,
        next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        guard !limiter.rules.isUnlimited, context.route?.isRateLimited ?? true else {
            return try await next(request, context)
        }
        let decision = limiter.check(
            client: key.client(
                of: request.headers,
                peer: context.peer,
                name: context.viewer.name,
                trusted: trustedProxies
            ),
            agent: request.headers[.userAgent]
        )
        var response: Response
        if decision.isAllowed {
            response = try await next(request, context)
        } else {
            metrics.countRateLimited()
            response = Problem.overTheRate(decision, key).response(to: request.method)
        }
        guard tellsAll || !decision.isAllowed else { return response }
        response.headers[.rateLimit] = decision.rateLimitField
        response.headers[.rateLimitPolicy] = decision.policyField
        return response
    }
}

extension Problem {
    static func overTheRate(_ decision: RateDecision, _ key: RateKey) -> Problem {
        Problem(
            status: .tooManyRequests,
            detail: "\(key.remedy) \(decision.retryAfter) s.",
            retryAfter: decision.retryAfter
        )
    }
}

extension HTTPField.Name {
    /// Source: draft-ietf-httpapi-ratelimit-headers.
    static let rateLimit = HTTPField.Name("RateLimit")!
    static let rateLimitPolicy = HTTPField.Name("RateLimit-Policy")!
}
