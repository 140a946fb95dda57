/// Why a transfer failed. Holds no header and no body: it can be logged.
public struct HTTPTransferError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong, as far as a caller may want to act on it.
    public enum Kind: Sendable, Equatable {
        /// The name of the host or of the proxy has no address.
        case resolve
        /// The host answered that nobody listens on the port.
        case refused
        /// No connection for another reason.
        case connect
        /// DNS, TCP and TLS together took longer than `connectTimeout`.
        case connectTimeout
        /// No byte for `silenceTimeout`, or no head for `headTimeout`.
        case silent
        /// Longer than `totalTimeout`.
        case totalTimeout
        /// The handshake failed, one side did not trust the other, or a certificate or key could not be read.
        case tls
        /// The connection ended before the answer did: without a status, without the promised length or without the
        /// last chunk.
        case truncated
        /// What came is no HTTP/1.1, or more headers than the client takes.
        case `protocol`
        /// The task was cancelled or the body was dropped.
        case cancelled
        /// `HTTPBody.collect` met its limit.
        case bodyTooLarge
        /// The request cannot be sent as it stands, or the body has two consumers.
        case invalidRequest
        /// More transfers than `HTTPClientLimits` allows to wait.
        case overloaded
        /// The client was shut down.
        case shutdown
    }

    /// What went wrong.
    public let kind: Kind
    /// For people: libcurl's words, with the method and the URL's scheme, host and path. Never the query, a user
    /// name, a header or a body.
    public let message: String
    /// Nothing was sent: the request may be sent again whatever its method.
    public let isConnectionFailure: Bool

    /// An error; fakes in tests make them too.
    public init(kind: Kind, message: String, isConnectionFailure: Bool = false) {
        self.kind = kind
        self.message = message
        self.isConnectionFailure = isConnectionFailure
    }

    /// The message.
    public var description: String { message }
}
