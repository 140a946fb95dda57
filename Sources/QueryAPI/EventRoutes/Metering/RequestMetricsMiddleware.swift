internal import Hummingbird

/// Outermost: finds the route of the path, times the answer and counts it.
struct RequestMetricsMiddleware: RouterMiddleware {
    typealias Context = APIContext

    let metrics: RequestMetrics

    func handle(
        _ request: Request,
        context: APIContext,
        next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var context = context
        context.route = Route(path: request.uri.path)
        let response = try await next(request, context)
        metrics.record(
            context.route,
            request.method,
            // What failed because its client left is no failure of ours: 499, as nginx counts it.
            status: Task.isCancelled && response.status.code >= 500 ? 499 : response.status.code,
            took: start.duration(to: .now)
        )
        return response
    }
}
