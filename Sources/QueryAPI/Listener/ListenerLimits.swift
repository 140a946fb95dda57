/// What a listener takes on at most, and how long it waits for whom.
public struct ListenerLimits: Sendable, Equatable {
    /// Connections at once. At the bound one that is of least use is closed for each new one; if all are at work, the
    /// new one is answered 503 and closed.
    public var connections = 4096
    /// Connections at once from one address that is no trusted proxy; the same happens at this bound, among the
    /// connections of that address. 0 for no bound.
    public var connectionsPerAddress = 512
    /// Requests whose answers are being made at once; 503 beyond it. Streams count until they begin.
    public var requestsInFlight = 256
    /// From the accepted connection, or from the first byte of a further request, to the end of the request's head;
    /// and for the rest of a body once the answer is written.
    public var headTimeout: Duration = .seconds(10)
    /// How long a connection may be kept without a request: longer than the minute after which the load balancers of
    /// the large clouds give up theirs, so that they close first and never write into a closing one.
    public var idleTimeout: Duration = .seconds(75)
    /// How long a client may take nothing of an answer that waits for it. A client that reads a kilobyte a second takes
    /// something every minute at the latest: its system asks for more when 64 KiB of its buffer are free.
    public var writeTimeout: Duration = .seconds(120)
    /// The same while more than `unsentBytes` wait.
    public var hastenedWriteTimeout: Duration = .seconds(5)
    /// How long a request may go on after its client has closed its side of the connection. A client that has left looks
    /// like one that only has no more to say (`nc -N`): the grace is for the latter.
    public var leavingGrace: Duration = .milliseconds(250)
    /// Bytes of answers that clients have not taken, all together; over it new requests are answered 503, and the write
    /// timeout is the hastened one.
    public var unsentBytes = 512 * 1024 * 1024
    /// HTTP/2 streams at once in one connection.
    public var streamsPerConnection = 64
    /// How often connections are looked over for those whose time is up.
    public var sweepInterval: Duration = .seconds(1)
    /// Proxies whose connections are not counted by address, and whose word on the client's address is taken.
    public var trustedProxies: [AddressRange] = []

    /// A connection younger than this is not closed to make room: its head may be on its way.
    static let evictableAfter: Duration = .seconds(1)
    /// Bytes of a request's body, which nothing here wants: so many are read and dropped, so that the connection can be
    /// kept; after more it is closed.
    static let droppedBody = 64 * 1024

    /// The defaults.
    public init() {}
}
