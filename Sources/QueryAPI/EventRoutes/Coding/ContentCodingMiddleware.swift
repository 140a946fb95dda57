internal import Formats
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// Compresses answers for clients that ask for it.
struct ContentCodingMiddleware: RouterMiddleware {
    typealias Context = APIContext

    /// Less than this fits into one packet of a network, compressed or not.
    static let leastBytes = 1_024

    func handle(
        _ request: Request,
        context: APIContext,
        next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        guard context.route != .livez, context.route != .readyz, response.headers[.contentEncoding] == nil else {
            return response
        }
        response.headers[.vary] = response.headers[.vary].map { "\($0), Accept-Encoding" } ?? "Accept-Encoding"
        guard AcceptEncodingField.prefersGzip(request.headers) else { return response }
        if let length = response.body.contentLength {
            // HEAD has no body here, and keeps the length of what GET sends to those who do not ask for gzip.
            guard length >= Self.leastBytes, let deflater = GzipDeflater(.full) else { return response }
            let collected = CollectingBodyWriter.Collected()
            try await response.body.write(CollectingBodyWriter(collected: collected))
            response.body = ResponseBody(byteBuffer: deflater.deflate(collected.buffer, .finish))
        } else {
            let body = response.body
            let isTrickle = response.headers[.contentType]?.hasPrefix(MediaType.eventStream.rawValue) ?? false
            response.body = ResponseBody { writer in
                guard let deflater = GzipDeflater(isTrickle ? .small : .full) else { throw OutOfMemory() }
                try await body.write(GzipBodyWriter(writer, deflater))
            }
        }
        response.headers[.contentEncoding] = "gzip"
        return response
    }

    private struct OutOfMemory: Error {}
}
