internal import HTTPTypes
internal import Hummingbird
internal import RateLimit

/// Counts each call against the bucket of its User-Agent, and tells the client how it stands.
struct RateLimitMiddleware: RouterMiddleware {
    typealias Context = APIContext

    let limiter: SharedRateLimiter
    let metrics: RequestMetrics

    func handle(
        _ request: Request,
        context: APIContext,
        next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        guard !limiter.policy.isUnlimited, context.route?.isRateLimited ?? true else {
            return try await next(request, context)
        }
        let decision = limiter.check(agent: request.headers[.userAgent])
        var response: Response
        if decision.isAllowed {
            response = try await next(request, context)
        } else {
            metrics.countRateLimited()
            response = Problem.overTheRate(decision).response(to: request.method)
        }
        response.headers[.rateLimit] = decision.rateLimitField
        response.headers[.rateLimitPolicy] = decision.policyField
        return response
    }
}

extension Problem {
    static func overTheRate(_ decision: RateDecision) -> Problem {
        Problem(
            status: .tooManyRequests,
            detail: "This User-Agent has used up its calls. Try again after \(decision.retryAfter) s, or name another "
                + "User-Agent for another tool.",
            retryAfter: decision.retryAfter
        )
    }
}

extension HTTPField.Name {
    /// Source: draft-ietf-httpapi-ratelimit-headers.
    static let rateLimit = HTTPField.Name("RateLimit")!
    static let rateLimitPolicy = HTTPField.Name("RateLimit-Policy")!
}
