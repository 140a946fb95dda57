internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// The description of the API: for programs, and as a page for people.
struct OpenAPIController: Sendable {
    var endpoints: RouteCollection<APIContext> {
        RouteCollection(context: APIContext.self)
            .get(Route.openapi.routerPath, use: description)
            .get(Route.docs.routerPath, use: page)
    }

    private static let descriptionBody = ByteBuffer(bytes: OpenAPIDocument.bytes)
    private static let pageBody = ByteBuffer(string: DocumentationPage.html)

    @Sendable private func description(request: Request, context: APIContext) throws -> Response {
        try refuseParameters(request)
        try AcceptField.requireJSON(request.headers)
        return Response(
            status: .ok,
            // Anybody's page may show it: it tells nothing of the archive.
            headers: [
                .contentType: "application/json", .xContentTypeOptions: "nosniff", .accessControlAllowOrigin: "*",
            ],
            body: ResponseBody(byteBuffer: Self.descriptionBody)
        )
    }

    @Sendable private func page(request: Request, context: APIContext) throws -> Response {
        try refuseParameters(request)
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/html; charset=utf-8", .xContentTypeOptions: "nosniff",
                .contentSecurityPolicy: DocumentationPage.contentSecurityPolicy,
            ],
            body: ResponseBody(byteBuffer: Self.pageBody)
        )
    }

    private func refuseParameters(_ request: Request) throws(Problem) {
        guard let query = request.uri.query, !query.isEmpty else { return }
        let name = String(query.prefix { $0 != "=" && $0 != "&" })
        throw .parameter(name, "\(request.uri.path) takes no parameters.")
    }
}
