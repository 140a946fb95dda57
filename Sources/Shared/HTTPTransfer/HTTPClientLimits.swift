/// The bounds of a client. They hold for all its requests together unless said otherwise.
public struct HTTPClientLimits: Sendable, Equatable {
    /// Transfers at once that share connections; those beyond wait in order. 1 or more.
    public var concurrentTransfers: Int
    /// Of these, transfers at once to one scheme, host and port; those beyond wait in order. 1 or more.
    public var concurrentTransfersPerHost: Int
    /// Transfers that wait; those beyond fail with `.overloaded`. 0 or more.
    public var waitingTransfers: Int
    /// Transfers at once with `usesOwnConnection`. They never wait, since a watch that waits looks like a quiet one:
    /// those beyond fail with `.overloaded`. 0 or more.
    public var ownConnections: Int
    /// Idle connections that are kept for reuse; the longest idle goes first. 1 or more.
    public var idleConnections: Int
    /// Bytes of one body that are kept for a consumer that does not take them. At the bound the connection is not
    /// read until the consumer takes a chunk. One read of libcurl (16 KiB) may come on top, and inside libcurl what
    /// one read unpacks to when it is gzip (16 MiB at the very worst).
    public var bufferedBytes: Int
    /// Bytes of status lines and headers of one answer, 1xx and trailers included; an answer beyond fails with
    /// `.protocol`. libcurl itself takes no line over 100 KiB.
    public var headerBytes: Int

    /// The bounds; see the properties.
    public init(
        concurrentTransfers: Int = 64,
        concurrentTransfersPerHost: Int = 8,
        waitingTransfers: Int = 1024,
        ownConnections: Int = 256,
        idleConnections: Int = 8,
        bufferedBytes: Int = 256 * 1024,
        headerBytes: Int = 256 * 1024
    ) {
        self.concurrentTransfers = concurrentTransfers
        self.concurrentTransfersPerHost = concurrentTransfersPerHost
        self.waitingTransfers = waitingTransfers
        self.ownConnections = ownConnections
        self.idleConnections = idleConnections
        self.bufferedBytes = bufferedBytes
        self.headerBytes = headerBytes
    }
}
