/// Bounds on what the recording of owners takes.
public struct OwnerLimits: Sendable {
    /// Objects that may wait, some 200 bytes each. Beyond it more are dropped, until their next event.
    public var waiting = 2_000
    /// Objects of which it is remembered that nothing is to be done, some 100 bytes each.
    public var remembered = 20_000
    /// Requests to the API server a second.
    public var requestsPerSecond = 20.0
    /// Requests at once.
    public var concurrency = 4
    /// Objects that are walked up from together, and written in one statement.
    public var batch = 64
    /// For one answer.
    public var timeout = Duration.seconds(5)

    /// 2000, 20 000, 20 a second, 4, 64 and 5 s.
    public init() {}
}
