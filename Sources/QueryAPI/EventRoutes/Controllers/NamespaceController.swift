internal import Access
internal import EventReader
internal import Hummingbird

/// What the archive knows of a cluster.
struct NamespaceController<Repository: EventRepository>: Sendable {
    let repository: Repository
    /// How long the archive may take for one answer.
    let timeout: Duration

    var endpoints: RouteCollection<APIContext> {
        RouteCollection(context: APIContext.self).get(Route.namespaces.routerPath, use: list)
    }

    @Sendable private func list(request: Request, context: APIContext) async throws -> Response {
        let path = request.uri.path
        let parts = path.split(separator: "/")
        guard Route(path: path) == .namespaces, parts.count == 3 else { throw Problem.noRoute(for: path) }
        let cluster = try EventPath.part(parts[1], "cluster")
        let parameters = try NamespaceParameters(query: request.uri.query)
        let last = try parameters.continuation.map { try NamespaceToken($0, for: cluster) }
        try AcceptField.requireJSON(request.headers)
        let deadline = ContinuousClock.now.advanced(by: timeout)
        let visibility = try await context.viewer.visibility(in: .cluster(cluster), deadline: deadline)
        let limit = parameters.limit ?? NamespaceParameters.defaultLimit
        // One more than asked for tells whether there is a next page.
        let namespaces = try await repository.namespaces(
            of: cluster,
            visibility: visibility,
            after: last?.name,
            limit: limit + 1,
            deadline: deadline
        )
        let page = namespaces.prefix(limit)
        let token = namespaces.count > limit ? page.last.map { NamespaceToken(name: $0.name).text(for: cluster) } : nil
        return .json(SummaryListBody.namespaces(page, token: token))
    }
}
