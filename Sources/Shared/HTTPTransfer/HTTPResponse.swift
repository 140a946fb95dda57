/// An answer whose headers are here and whose body is on its way.
public struct HTTPResponse: Sendable {
    /// The status, 200 to 999: answers of 1xx are passed over.
    public let status: Int
    /// The headers. Trailers are passed over.
    public let headers: HTTPHeaders
    /// The body: read it, or drop it, which aborts the transfer.
    public let body: HTTPBody
}
