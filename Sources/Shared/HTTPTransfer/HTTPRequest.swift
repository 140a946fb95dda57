/// A request, whole: what is asked of whom, over what connection, and how long that may take.
public struct HTTPRequest: Sendable {
    /// The methods of RFC 9110 and RFC 5789 that an API server or a receiver wants.
    public enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
        case head = "HEAD"
    }

    /// The method. `head` cannot have a body.
    public var method: Method
    /// An absolute URL, `http` or `https`. Its path is sent as it stands.
    public var url: String
    /// The headers, in order, sent as they stand. `Content-Length` and `Transfer-Encoding` are the client's to say and
    /// are refused. Values appear in no error and no log.
    public var headers: [(name: String, value: String)]
    /// The body, or nil for none; `post`, `put` and `patch` then send an empty one.
    public var body: [UInt8]?
    /// What an `https` URL's server must show, and what is shown to it.
    public var tls: TLSOptions
    /// The URL of a proxy; nil for none. The environment (`https_proxy`, `no_proxy`) is not consulted. One that is
    /// spoken to by https must show a certificate of `tls.certificateAuthority`, too.
    public var proxy: String?
    /// How long DNS, TCP and TLS may take together; fails with `.connectTimeout`. At least 1 ms.
    public var connectTimeout: Duration
    /// Fails with `.silent` when no byte came or went for so long after the connection stood, while the consumer did
    /// not hold the transfer back; nil for never.
    public var silenceTimeout: Duration?
    /// Fails with `.totalTimeout` when the last byte has not come so long after `send`, waiting for a free slot and
    /// for the consumer included; nil for never.
    public var totalTimeout: Duration?
    /// Asks for gzip and decodes it. The response's headers then still tell of what was sent.
    public var acceptsGzip: Bool
    /// Uses a fresh connection that nobody else uses, before or after: for watches.
    public var usesOwnConnection: Bool

    /// A request; see the properties.
    public init(
        _ method: Method = .get,
        url: String,
        headers: [(name: String, value: String)] = [],
        body: [UInt8]? = nil,
        tls: TLSOptions = TLSOptions(),
        proxy: String? = nil,
        connectTimeout: Duration = .seconds(10),
        silenceTimeout: Duration? = nil,
        totalTimeout: Duration? = nil,
        acceptsGzip: Bool = false,
        usesOwnConnection: Bool = false
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.tls = tls
        self.proxy = proxy
        self.connectTimeout = connectTimeout
        self.silenceTimeout = silenceTimeout
        self.totalTimeout = totalTimeout
        self.acceptsGzip = acceptsGzip
        self.usesOwnConnection = usesOwnConnection
    }
}
