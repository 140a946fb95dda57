internal import Access
internal import Coverage
internal import EventReader
internal import EventSchema
internal import Hummingbird

/// Which stretches of time were watched of a cluster.
struct CoverageController<Repository: EventRepository>: Sendable {
    let repository: Repository
    /// How long the archive may take for one answer.
    let timeout: Duration

    var endpoints: RouteCollection<APIContext> {
        RouteCollection(context: APIContext.self).get(Route.coverage.routerPath, use: list)
    }

    @Sendable private func list(request: Request, context: APIContext) async throws -> Response {
        let path = request.uri.path
        let parts = path.split(separator: "/")
        guard Route(path: path) == .coverage, parts.count == 3 else { throw Problem.noRoute(for: path) }
        let cluster = try EventPath.part(parts[1], "cluster")
        let now = WallClock.now
        let parameters = try CoverageParameters(query: request.uri.query, now: now)
        try AcceptField.requireJSON(request.headers)
        let deadline = ContinuousClock.now.advanced(by: timeout)
        let scope: EventQuery.Scope =
            parameters.namespace.map { .namespace(cluster: cluster, namespace: $0) } ?? .cluster(cluster)
        let visibility = try await context.viewer.visibility(in: scope, deadline: deadline)
        let ledger = try await repository.coverage(of: cluster, visibility: visibility, deadline: deadline)
        return .json(CoverageListBody.coverage(ledger, parameters, now: now))
    }
}
