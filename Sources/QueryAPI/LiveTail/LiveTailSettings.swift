/// The bounds and intervals of live tails.
public struct LiveTailSettings: Sendable {
    /// Listeners at once. Half of the connections that the service takes, so that pages and health are still answered.
    public var mostListeners = 256
    /// What is kept for a listener that does not read, in events and in bytes: beyond either it goes on at its own pace,
    /// from the feed, without losing anything.
    public var mostBufferedEvents = 1_000
    /// See `mostBufferedEvents`. An event that is larger by itself is sent all the same.
    public var mostBufferedBytes = 1 << 20
    /// How often the feed is asked for news, while somebody listens.
    public var pollInterval: Duration = .milliseconds(250)
    /// After so long without an event a listener gets a comment, and the position up to which nothing concerned it.
    public var heartbeatInterval: Duration = .seconds(15)
    /// Events that one question to the feed brings, about.
    public var pageLimit = 1_000
    /// How long the archive may take for one question.
    public var requestTimeout: Duration = .seconds(5)
    /// Between questions that fail.
    public var retryInterval: Duration = .seconds(1)
    /// For how long a position that is later than anything in the feed may be one that a standby does not have yet.
    public var mostLag: Duration = .seconds(5)

    /// The defaults.
    public init() {}
}
