internal import Access
internal import EventReader
internal import Hummingbird

/// What the archive knows.
struct ClusterController<Repository: EventRepository>: Sendable {
    let repository: Repository
    /// How long the archive may take for one answer.
    let timeout: Duration

    var endpoints: RouteCollection<APIContext> {
        RouteCollection(context: APIContext.self).get(Route.clusters.routerPath, use: list)
    }

    @Sendable private func list(request: Request, context: APIContext) async throws -> Response {
        guard request.uri.query?.isEmpty ?? true else {
            throw Problem.parameter(
                String(request.uri.query?.prefix { $0 != "=" && $0 != "&" } ?? ""),
                "/clusters takes no parameters."
            )
        }
        try AcceptField.requireJSON(request.headers)
        let deadline = ContinuousClock.now.advanced(by: timeout)
        let visibility = try await context.viewer.visibility(in: .everything, deadline: deadline)
        let clusters = try await repository.clusters(visibility: visibility, deadline: deadline)
        return .json(SummaryListBody.clusters(clusters))
    }
}
