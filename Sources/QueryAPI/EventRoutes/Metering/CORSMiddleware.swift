internal import HTTPTypes
internal import Hummingbird

/// Tells browsers whose pages may read an answer, refusals included, and answers what they ask beforehand. That costs
/// nobody a call of the rate limit.
struct CORSMiddleware: RouterMiddleware {
    typealias Context = APIContext

    let policy: CORSPolicy

    func handle(
        _ request: Request,
        context: APIContext,
        next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        let allowed = policy.allowed(request.headers[.origin])
        let isPreflight =
            request.method == .options && request.headers[.accessControlRequestMethod] != nil
            && request.headers[.origin] != nil && context.route != nil && allowed != nil
        var response = isPreflight ? Self.preflight : try await next(request, context)
        if let allowed {
            response.headers[.accessControlAllowOrigin] = allowed
            if !isPreflight { response.headers[.accessControlExposeHeaders] = Self.exposed }
        }
        if policy.variesByOrigin {
            // There may be one for what the answer depends on besides.
            response.headers.append(HTTPField(name: .vary, value: "Origin"))
        }
        return response
    }

    /// Beside those that every script may read.
    private static let exposed = "Link, RateLimit, RateLimit-Policy, Retry-After"

    private static let preflight = Response(
        status: .noContent,
        headers: [
            .accessControlAllowMethods: "GET, HEAD",
            .accessControlAllowHeaders: "Accept, Authorization, Last-Event-ID",
            // Two hours: browsers remember it no longer anyway.
            .accessControlMaxAge: "7200",
        ]
    )
}
