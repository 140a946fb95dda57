internal import Access
internal import EventReader
internal import HTTPTypes
internal import Hummingbird
internal import LiveTail

extension EventController {
    /// The events of a path as they are committed, until the client leaves or the service stops.
    func follow(_ request: Request, _ context: APIContext, _ tail: LiveTail) async throws -> Response {
        let path = try EventPath(request.uri.path)
        let live = try LiveParameters(query: request.uri.query, lastEventID: request.headers[.lastEventID])
        let deadline = ContinuousClock.now.advanced(by: timeout)
        let (scope, timeout, viewerNow) = (path.scope, timeout, context.viewerNow)
        let visibility = try await context.viewer.visibility(in: scope, deadline: deadline)
        var query = try await question(path, live.parameters, deadline: deadline).query
        query.visibility = visibility
        // A cluster that the archive does not know is a 404, as it is for a page.
        if case .cluster(let cluster) = scope {
            _ = try await repository.coverage(of: cluster, visibility: visibility, deadline: deadline)
        } else if case .namespace(let cluster, _) = scope {
            _ = try await repository.coverage(of: cluster, visibility: visibility, deadline: deadline)
        }
        guard request.method != .head else { return .eventStream(ResponseBody { try await $0.finish(nil) }) }

        let listener = try await tail.listen(query, from: live.start)
        let stream = LiveStream(
            listener: listener,
            limits: liveLimits,
            visibility: {
                let deadline = ContinuousClock.now.advanced(by: timeout)
                let viewer = try await viewerNow(deadline)
                let visibility = try await viewer.visibility(in: scope, deadline: deadline)
                // Clusters that cannot be asked would be left out without a word in the middle of a stream.
                guard viewer.clustersLeftOut == 0 else {
                    throw AccessError.unavailable(detail: "Some clusters cannot be asked.")
                }
                return visibility
            },
            cutOff: { [channel = context.channel] in channel.close(promise: nil) }
        )
        let body = request.body
        return .eventStream(ResponseBody { writer in try await stream.run(&writer, until: body) })
    }
}

extension Response {
    /// 200 with a stream that nobody on the way is to keep, neither for later nor until more comes.
    fileprivate static func eventStream(_ body: ResponseBody) -> Response {
        Response(
            status: .ok,
            headers: [
                .contentType: "text/event-stream",
                .cacheControl: "no-store",
                .xContentTypeOptions: "nosniff",
                .xAccelBuffering: "no",
            ],
            body: body
        )
    }
}

extension HTTPField.Name {
    /// Where a client goes on. Source: HTML, section 9.2.4.
    static let lastEventID = HTTPField.Name("Last-Event-ID")!
    /// nginx and those that learned it from there pass on a stream as it comes.
    fileprivate static let xAccelBuffering = HTTPField.Name("X-Accel-Buffering")!
}

extension Problem {
    init(_ error: LiveTailError) {
        switch error {
        case .full(let listeners):
            self = Problem(
                status: .serviceUnavailable,
                detail: "\(listeners) clients listen already, which is all that this replica takes. Try again later.",
                retryAfter: 10
            )
        case .over:
            self = Problem(
                status: .serviceUnavailable,
                detail: "This replica is being stopped. Try again.",
                retryAfter: 1
            )
        }
    }
}
