internal import Access
internal import Coverage
internal import EventReader
internal import EventSchema
internal import HTTPTypes
internal import Hummingbird

/// Numbers of events over time.
struct StatsController<Repository: EventRepository>: Sendable {
    let repository: Repository
    let kinds: KindDirectory<Repository>
    /// How long the archive may take for one answer.
    let timeout: Duration

    var endpoints: RouteCollection<APIContext> {
        let routes = RouteCollection(context: APIContext.self)
        for route in [Route.stats, .clusterStats, .namespaceStats] { routes.get(route.routerPath, use: count) }
        return routes
    }

    @Sendable private func count(request: Request, context: APIContext) async throws -> Response {
        let path = try StatsPath(request.uri.path)
        let parameters = try StatsParameters(query: request.uri.query, path: path)
        let form = try AcceptField.choose(among: [.json, .csv], request.headers)
        let deadline = ContinuousClock.now.advanced(by: timeout)
        let visibility = try await context.viewer.visibility(in: path.scope, deadline: deadline)
        let meant = parameters.kinds.isEmpty ? [] : try await kinds.kinds(for: parameters.kinds, deadline: deadline)
        let now = WallClock.now
        var query = try parameters.question(path.scope, kinds: meant, now: now)
        query.visibility = visibility
        let stats = try await repository.stats(query, deadline: deadline)
        var response: Response
        if form == .csv {
            response = Response(
                status: .ok,
                headers: [.contentType: form.contentType, .xContentTypeOptions: "nosniff"],
                body: ResponseBody(byteBuffer: StatsBody.csv(stats))
            )
        } else {
            let coverage = try await repository.coverage(deadline: deadline).visible(to: visibility)
            response = .json(StatsBody.json(stats, query, coverage.gaps(of: query, now: now)))
        }
        response.headers[.vary] = "Accept"
        return response
    }
}

extension ArchiveCoverage {
    /// What was not watched in the range of a question: where a zero may be a gap.
    fileprivate func gaps(of query: StatsQuery, now: Int64) -> Gaps {
        let range = CoverageRange(since: query.since, until: query.until)
        return switch query.scope {
        case .everything: gaps(of: nil, in: range, now: now)
        case .cluster(let cluster): gaps(of: cluster, in: range, now: now)
        case .namespace(let cluster, let namespace): gaps(of: cluster, namespace: namespace, in: range, now: now)
        }
    }
}
