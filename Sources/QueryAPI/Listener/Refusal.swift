internal import NIOCore

/// An answer without a request that could be read, as a whole HTTP/1.1 message after which the connection closes.
public struct Refusal: Sendable {
    let message: ByteBuffer

    /// - Parameters:
    ///   - status: code and phrase, e.g. `503 Service Unavailable`.
    ///   - retryAfter: whole seconds.
    ///   - body: in `application/problem+json`.
    public init(status: String, retryAfter: Int? = nil, body: [UInt8]) {
        var head = "HTTP/1.1 \(status)\r\nContent-Type: application/problem+json\r\nContent-Length: \(body.count)\r\n"
        if let retryAfter { head += "Retry-After: \(retryAfter)\r\n" }
        var message = ByteBuffer(string: head + "Connection: close\r\n\r\n")
        message.writeBytes(body)
        self.message = message
    }
}

/// What is said to clients that get no further than the listener.
public struct Refusals: Sendable {
    let malformed: Refusal
    let headersTooLarge: Refusal
    let tooManyConnections: Refusal

    /// One answer for each.
    public init(malformed: Refusal, headersTooLarge: Refusal, tooManyConnections: Refusal) {
        (self.malformed, self.headersTooLarge) = (malformed, headersTooLarge)
        self.tooManyConnections = tooManyConnections
    }
}
