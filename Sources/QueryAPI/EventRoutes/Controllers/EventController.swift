internal import Access
internal import Coverage
internal import EventReader
internal import EventSchema
internal import HTTPTypes
internal import Hummingbird
internal import LiveTail

/// The event routes.
struct EventController<Repository: EventRepository>: Sendable {
    let repository: Repository
    let kinds: KindDirectory<Repository>
    /// How long the archive may take for one answer.
    let timeout: Duration
    let exports: ExportService<Repository>
    /// Nil where there is none.
    let tail: LiveTail?
    let liveLimits: LiveStreamLimits

    var endpoints: RouteCollection<APIContext> {
        let routes = RouteCollection(context: APIContext.self)
        for route in [Route.events, .cluster, .namespace, .resource, .object] {
            routes.get(route.routerPath, use: list)
        }
        return routes
    }

    /// The events of a path, in the form that the client likes best.
    @Sendable private func list(request: Request, context: APIContext) async throws -> Response {
        let path = try EventPath(request.uri.path)
        let offers = MediaType.ofEvents + (tail == nil ? [] : [.eventStream])
        let form = try AcceptField.choose(among: offers, request.headers)
        if form == .eventStream, let tail { return try await follow(request, context, tail) }
        let parameters = try EventParameters(query: request.uri.query)
        let deadline = ContinuousClock.now.advanced(by: timeout)
        switch form {
        case .json: return try await page(path, parameters, .json, request, context, deadline)
        case .table: return try await page(path, parameters, .table, request, context, deadline)
        case .lines: return try await export(path, parameters, .lines, request, context, deadline)
        case .csv: return try await export(path, parameters, .csv, request, context, deadline)
        case .eventStream: throw AcceptField.notAcceptable(offers, request.headers)
        }
    }

    /// A page of events, or the newest of each cluster.
    private func page(
        _ path: EventPath,
        _ parameters: EventParameters,
        _ form: EventPageAnswer.Form,
        _ request: Request,
        _ context: APIContext,
        _ deadline: ContinuousClock.Instant
    ) async throws -> Response {
        if case .everything = path, parameters.asksForEachCluster {
            let count = parameters.perCluster ?? EventParameters.defaultPerCluster
            var query = EventQuery(.everything)
            query.visibility = try await context.viewer.visibility(in: .everything, deadline: deadline)
            let page = try await repository.newestOfEachCluster(
                count,
                visibility: query.visibility,
                deadline: deadline
            )
            let gaps = try await gaps(query, form, deadline: deadline)
            return try EventPageAnswer(page: page, gaps: gaps).response(form, path)
        }
        guard parameters.perCluster == nil else {
            throw Problem.parameter(.perCluster, "perCluster is for /events only.")
        }

        let visibility = try await context.viewer.visibility(in: path.scope, deadline: deadline)
        var question = try await question(path, parameters, deadline: deadline)
        // Never out of the token: whoever hands it in sees what they may see themselves.
        question.query.visibility = visibility
        let page = try await repository.page(
            question.query,
            after: question.cursor,
            limit: question.limit,
            as: .json,
            deadline: deadline
        )
        let token = page.next.map { question.token(next: $0).text(for: path) }
        let gaps = try await gaps(question.query, form, deadline: deadline)
        let link = token.map { NextLink(path: request.uri.path, limit: parameters.limit, token: $0) }
        return try EventPageAnswer(page: page, token: token, gaps: gaps, link: link).response(form, path)
    }

    /// All events, or so many as the limit says, as a stream.
    private func export(
        _ path: EventPath,
        _ parameters: EventParameters,
        _ form: ExportForm,
        _ request: Request,
        _ context: APIContext,
        _ deadline: ContinuousClock.Instant
    ) async throws -> Response {
        guard parameters.perCluster == nil else {
            throw Problem.parameter(
                .perCluster,
                "perCluster is for pages; as \(form.mediaType.rawValue) all clusters are one stream. Use limit there."
            )
        }
        let visibility = try await context.viewer.visibility(in: path.scope, deadline: deadline)
        var question = try await question(path, parameters, deadline: deadline)
        question.query.visibility = visibility
        guard request.method != .head else {
            return try await exports.head(of: question, path, form, deadline: deadline)
        }
        return try await exports.response(to: question, limit: parameters.limit, path, form)
    }

    /// What was not watched in the range of a question: what its answer may lack. A table has no place for it.
    private func gaps(
        _ query: EventQuery,
        _ form: EventPageAnswer.Form,
        deadline: ContinuousClock.Instant
    ) async throws -> ArchiveCoverage.Gaps? {
        guard form == .json else { return nil }
        let range = CoverageRange(since: query.since, until: query.until)
        let coverage = try await repository.coverage(deadline: deadline).visible(to: query.visibility)
        switch query.scope {
        case .everything:
            return coverage.gaps(of: nil, in: range, now: WallClock.now)
        case .cluster(let cluster):
            return coverage.gaps(of: cluster, in: range, now: WallClock.now)
        case .namespace(let cluster, let namespace):
            return coverage.gaps(of: cluster, namespace: namespace, in: range, now: WallClock.now)
        }
    }

    func question(
        _ path: EventPath,
        _ parameters: EventParameters,
        deadline: ContinuousClock.Instant
    ) async throws -> EventQuestion {
        if let continuation = parameters.continuation {
            return try EventQuestion(continuing: continuation, path, parameters)
        }
        let texts = (path.kind.map { [$0] } ?? []) + parameters.kinds
        let found = texts.isEmpty ? [] : try await kinds.kinds(for: texts, deadline: deadline)
        let ofPath = path.kind == nil ? nil : found[0]
        return try EventQuestion(
            path,
            parameters,
            kindsOfPath: ofPath,
            kindsOfParameters: Array(found.suffix(parameters.kinds.count)),
            now: WallClock.now
        )
    }
}

extension Response {
    /// 200 with JSON. What an event says was written by others: browsers are told not to guess at it.
    static func json(_ body: ByteBuffer) -> Response {
        Response(status: .ok, headers: jsonHeaders, body: ResponseBody(byteBuffer: body))
    }

    private static let jsonHeaders: HTTPFields = [
        .contentType: "application/json",
        .xContentTypeOptions: "nosniff",
    ]
}
