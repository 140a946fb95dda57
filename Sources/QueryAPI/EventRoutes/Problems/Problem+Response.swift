internal import Access
internal import EventReader
internal import HTTPTypes
internal import Hummingbird
internal import JSON
internal import LiveTail
internal import NIOCore

extension Problem {
    /// What is known of an error; nil if it is none that a request can meet in ordinary life.
    init?(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let error as EventReaderError: self = Problem(error)
        case let error as AccessError: self = Problem(error)
        case let error as LiveTailError: self = Problem(error)
        case is CancellationError: self = Problem(.unavailable)
        default: return nil
        }
    }

    init(_ error: AccessError) {
        switch error {
        case .unauthenticated(let challenge, let detail):
            self = Problem(status: .unauthorized, detail: detail, challenge: challenge)
        case .forbidden(let detail): self = Problem(status: .forbidden, detail: detail)
        case .unavailable(let detail): self = Problem(status: .serviceUnavailable, detail: detail, retryAfter: 2)
        }
    }

    init(_ error: EventReaderError) {
        switch error {
        case .unknownCluster(let name):
            self = Problem(
                status: .notFound,
                detail: "The archive knows no cluster \(name.quoted); /clusters lists those it knows.",
                parameter: "cluster"
            )
        case .unavailable:
            self = Problem(
                status: .serviceUnavailable,
                detail: "The archive's database does not answer. Try again.",
                retryAfter: 2
            )
        case .tooSlow:
            self = Problem(
                status: .serviceUnavailable,
                detail: "The archive could not answer in time. Narrow the range with since and until, or the scope.",
                retryAfter: 5
            )
        }
    }

    /// `application/problem+json`. Source: RFC 9457 section 3; without `type`, which then means about:blank.
    var body: [UInt8] {
        var output = JSONOutput(capacity: 256)
        output.write("{\"status\":")
        output.write(status.code)
        output.write(",\"title\":")
        output.write(string: status.reasonPhrase)
        output.write(",\"detail\":")
        output.write(string: detail)
        if let parameter {
            output.write(",\"parameter\":")
            output.write(string: parameter)
        }
        output.write("}")
        return output.bytes
    }

    /// The answer, without its body for HEAD.
    func response(to method: HTTPRequest.Method) -> Response {
        var headers: HTTPFields = [
            .contentType: "application/problem+json", .xContentTypeOptions: "nosniff",
        ]
        if let retryAfter { headers[.retryAfter] = String(retryAfter) }
        if let challenge { headers[.wwwAuthenticate] = challenge }
        if status == .methodNotAllowed { headers[.allow] = "GET, HEAD" }
        let response = Response(
            status: status,
            headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body))
        )
        return method == .head ? response.createHeadResponse() : response
    }
}
