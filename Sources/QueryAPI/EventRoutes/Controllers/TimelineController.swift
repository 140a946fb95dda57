internal import Access
internal import Coverage
internal import EventReader
internal import EventSchema
internal import Hummingbird

/// The story of one object and of those that it owned.
struct TimelineController<Repository: EventRepository>: Sendable {
    let repository: Repository
    let kinds: KindDirectory<Repository>
    /// How long the archive may take for one answer.
    let timeout: Duration

    var endpoints: RouteCollection<APIContext> {
        RouteCollection(context: APIContext.self).get(Route.timeline.routerPath, use: page)
    }

    @Sendable private func page(request: Request, context: APIContext) async throws -> Response {
        let path = try TimelinePath(request.uri.path)
        let parameters = try TimelineParameters(query: request.uri.query)
        try AcceptField.requireJSON(request.headers)
        let deadline = ContinuousClock.now.advanced(by: timeout)
        let visibility = try await visibility(of: path, context.viewer, deadline: deadline)
        var token = try await token(path, parameters, deadline: deadline)
        // Never out of the token: whoever hands it in sees what they may see themselves.
        token.query.visibility = visibility
        let page = try await repository.timeline(
            token.query,
            after: parameters.continuation == nil ? nil : token.cursor,
            limit: parameters.limit ?? EventParameters.defaultLimit,
            deadline: deadline
        )
        let range = CoverageRange(since: token.query.since, until: token.query.until)
        let gaps = try await repository.coverage(deadline: deadline).visible(to: visibility)
            .gaps(of: path.cluster, namespace: path.namespace, in: range, now: WallClock.now)
        token.query.recordedUntil = page.recordedUntil
        let next = page.events.next.map { cursor in
            token.cursor = cursor
            return token.text(for: path)
        }
        return .json(TimelineBody.timeline(page, token: next, gaps))
    }

    /// What belongs to the cluster owns things in other namespaces, a Node its static Pods: of those the ones are told
    /// of that may be seen.
    private func visibility(
        of path: TimelinePath,
        _ viewer: any Viewer,
        deadline: ContinuousClock.Instant
    ) async throws -> Visibility {
        let own = try await viewer.visibility(in: path.scope, deadline: deadline)
        guard TimelineQuery.clusterNamespaces.contains(path.namespace) else { return own }
        do throws(AccessError) {
            let all = try await viewer.visibility(in: .cluster(path.cluster), deadline: deadline)
            return own.union(all)
        } catch {
            guard case .forbidden = error else { throw error }
            return own
        }
    }

    /// The question, as it stands or as the token says; the cursor counts only in the latter case.
    private func token(
        _ path: TimelinePath,
        _ parameters: TimelineParameters,
        deadline: ContinuousClock.Instant
    ) async throws -> TimelineToken {
        if let continuation = parameters.continuation {
            let token = try TimelineToken(continuation, for: path)
            try token.check(parameters)
            return token
        }
        let found = try await kinds.kinds(for: [path.kind], deadline: deadline)[0]
        var query = TimelineQuery(
            cluster: path.cluster,
            namespace: path.namespace,
            kinds: found ?? [KindReference(kind: path.kind)],
            name: path.name
        )
        let now = WallClock.now
        query.order = parameters.order ?? .newestFirst
        query.types = parameters.types
        query.reasons = parameters.reasons
        query.since = parameters.since?.microseconds(now: now)
        query.until = parameters.until?.microseconds(now: now)
        if let since = query.since, let until = query.until, since >= until {
            throw Problem.parameter(
                TimelineParameters.Name.since.rawValue,
                "since is not before until, so that no event can lie between them."
            )
        }
        return TimelineToken(
            query: query,
            since: parameters.since?.text,
            until: parameters.until?.text,
            cursor: EventCursor(time: 0, id: 0)
        )
    }
}

extension Visibility {
    /// What may be seen by either.
    fileprivate func union(_ other: Visibility) -> Visibility {
        guard case .only(let mine) = self, case .only(let others) = other else { return .everything }
        return .only(
            mine.merging(others) { mine, others in
                guard case .only(let names) = mine, case .only(let more) = others else { return .all }
                return .only(names.union(more))
            }
        )
    }
}
