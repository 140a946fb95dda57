internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import PrometheusMetrics

/// Answers the three routes.
struct ManagementResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    let metrics: PrometheusRegistry
    let liveness: [BoundedHealthCheck]
    let readiness: [BoundedHealthCheck]

    func respond(to request: Request, context: Context) async throws -> Response {
        let path = request.uri.path
        guard ["/metrics", "/livez", "/readyz"].contains(path) else {
            return Self.response(.notFound, "not found: give /metrics, /livez or /readyz\n", for: request)
        }
        guard request.method == .get || request.method == .head else {
            return Self.response(.methodNotAllowed, "only GET and HEAD\n", for: request, [.allow: "GET, HEAD"])
        }
        switch path {
        case "/metrics":
            let format = ExpositionFormat(accept: Self.accept(request))
            let text = metrics.exposition(format)
            return Self.response(.ok, text, for: request, [.contentType: format.contentType, .vary: "Accept"])
        case "/livez":
            return await Self.health(liveness, request)
        default:
            return await Self.health(readiness, request)
        }
    }

    private static func health(_ checks: [BoundedHealthCheck], _ request: Request) async -> Response {
        let report = await HealthReport.asking(checks)
        return response(report.isHealthy ? .ok : .serviceUnavailable, report.text, for: request)
    }

    /// Several `Accept` fields count as one list.
    private static func accept(_ request: Request) -> String? {
        let fields = request.headers[values: .accept]
        return fields.isEmpty ? nil : fields.joined(separator: ",")
    }

    private static func response(
        _ status: HTTPResponse.Status,
        _ text: String,
        for request: Request,
        _ more: HTTPFields = [:]
    ) -> Response {
        var headers: HTTPFields = [
            .contentType: "text/plain; charset=utf-8", .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
        ]
        for field in more { headers[field.name] = field.value }
        let body = ByteBuffer(string: text)
        headers[.contentLength] = "\(body.readableBytes)"
        let isHead = request.method == .head
        return Response(status: status, headers: headers, body: isHead ? .init() : .init(byteBuffer: body))
    }
}
