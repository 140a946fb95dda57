internal import HTTPTypes
internal import Hummingbird

/// `/livez` and `/readyz` beside the events, for probes that reach only this listener.
struct HealthController: Sendable {
    /// What is not well, one line for each part, e.g. `database: no answer`; empty when all is. It must not ask the
    /// database itself: these routes are not limited.
    let problems: @Sendable () -> [String]

    var endpoints: RouteCollection<APIContext> {
        RouteCollection(context: APIContext.self)
            .get(Route.livez.routerPath, use: live)
            .get(Route.readyz.routerPath, use: ready)
    }

    /// That it answers at all is the proof.
    @Sendable private func live(request: Request, context: APIContext) -> Response {
        Self.plain(.ok, "ok\n")
    }

    @Sendable private func ready(request: Request, context: APIContext) -> Response {
        let problems = problems()
        guard !problems.isEmpty else { return Self.plain(.ok, "ok\n") }
        return Self.plain(.serviceUnavailable, problems.map { $0 + "\n" }.joined())
    }

    private static func plain(_ status: HTTPResponse.Status, _ text: String) -> Response {
        Response(
            status: status,
            headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }
}
