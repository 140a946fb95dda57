internal import HTTPTypes
internal import Hummingbird
internal import Logging

/// Turns whatever is thrown into `application/problem+json`, and refuses what is too large.
struct ProblemMiddleware: RouterMiddleware {
    typealias Context = APIContext

    /// Bytes of a request's target.
    static let longestURL = 8 * 1024
    /// Bytes of all header fields, names and values.
    static let mostHeaderBytes = 16 * 1024

    /// Bytes of a request's body, which is not looked at.
    static let mostBodyBytes = 64 * 1024

    let metrics: RequestMetrics
    let logger: Logger

    func handle(
        _ request: Request,
        context: APIContext,
        next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        do {
            try Self.checkSize(request.head)
            return try await next(request, context)
        } catch {
            return problem(of: error, request, context).response(to: request.method)
        }
    }

    private func problem(of error: any Error, _ request: Request, _ context: APIContext) -> Problem {
        if let problem = Problem(error) { return problem }
        if let error = error as? HTTPError {
            guard error.status == .notFound else {
                return Problem(status: error.status, detail: error.body ?? error.status.reasonPhrase)
            }
            // The router does not tell an unknown path from an unknown method.
            return context.route == nil ? .noRoute(for: request.uri.path) : .methodNotAllowed
        }
        metrics.countException()
        logger.error(
            "a request failed unexpectedly",
            metadata: ["error": "\(error)", "route": "\(context.route?.rawValue ?? "other")"]
        )
        return .unexpected
    }

    private static func checkSize(_ head: HTTPRequest) throws(Problem) {
        guard head.path?.utf8.count ?? 0 <= longestURL else {
            throw Problem(status: .uriTooLong, detail: "The URL is longer than \(longestURL) bytes.")
        }
        let bytes = head.headerFields.reduce(0) { $0 + $1.name.rawName.utf8.count + $1.value.utf8.count }
        guard bytes <= mostHeaderBytes else { throw .headersTooLarge }
        // Of a larger one the listener reads no more than this before it closes the connection.
        guard head.headerFields[.contentLength].flatMap({ Int($0) }) ?? 0 <= mostBodyBytes else {
            throw Problem(status: .contentTooLarge, detail: "The archive is asked by URL, and takes no body.")
        }
    }
}

extension Problem {
    static let headersTooLarge = Problem(
        status: .requestHeaderFieldsTooLarge,
        detail: "The header fields are longer than \(ProblemMiddleware.mostHeaderBytes) bytes together."
    )

    static let malformedRequest = Problem(status: .badRequest, detail: "This is no well-formed HTTP/1.1 request.")
}
