/// The durations and bounds of a watch. Every one has the value that production wants; tests shorten them.
public struct WatchOptions: Sendable, Equatable {
    /// How many events a page of a list may have.
    public var pageLimit = 500
    /// Seconds after which the server is asked to end a watch, drawn anew for each one, as client-go does: so that a
    /// restarted server does not have all its watches end at once.
    public var watchSeconds: ClosedRange<Int> = 300...600
    /// The shortest wait after a failure.
    public var firstBackoff: Duration = .milliseconds(800)
    /// No wait after a failure is longer than this, unless the server asks for it.
    public var longestBackoff: Duration = .seconds(30)
    /// How long things must have gone well for the next failure to count as the first.
    public var healthyAfter: Duration = .seconds(120)
    /// A watch that ends sooner than this without having brought anything is a reason to back off.
    public var shortestEmptyWatch: Duration = .seconds(1)
    /// A watch that brings no byte for so long is not taken at its word: a second one is opened.
    public var silence: Duration = .seconds(45)
    /// A version that was the newest longer ago than this is renewed by a list before a second watch is opened from
    /// it. API servers have etcd compact what is older than 5 minutes, and a quiet cluster's version only ages.
    public var versionRefresh: Duration = .seconds(180)
    /// A list proves that nothing has happened since a time that lies back less than this: whatever did is still
    /// there. Half of an event's life in etcd (`--event-ttl`, 1 hour by default).
    public var eventLifetimeTrusted: Duration = .seconds(1800)
    /// A frame vouches for what happened so long before it came: it was on its way for a while, and so was the process,
    /// if it was frozen or its sink was busy. When the sink holds the watch back for longer, what comes then vouches for
    /// nothing until the backlog is over.
    public var longestFreshDelay: Duration = .seconds(5)
    /// The longest that a server's `Retry-After` is followed.
    public var longestRetryAfter: Duration = .seconds(300)
    /// A batch is taken no sooner than this after the one before, unless there is no room for more; an event that comes
    /// after a pause goes at once. Under load this is the most that an event waits for company.
    /// docs/decisions/0008-batches-wait-for-company.md has the figures.
    public var batchInterval: Duration = .milliseconds(25)
    /// The most events that are gathered while the sink is busy. Full, the stream is no longer read.
    public var batchEvents = 1000
    /// The most bytes of events that are gathered while the sink is busy; an event larger than this goes alone.
    public var batchBytes = 8 << 20
    /// A version that was reached without an event (by DELETED and bookmarks) waits for the next event, but when
    /// another comes after this long, it is delivered by itself.
    public var versionDelay: Duration = .seconds(5)

    /// The values for production.
    public init() {}

    /// How often an open watch says that it is silent: often enough that a silence is found, and a check that failed
    /// is made again, without long delay.
    var silenceNotice: Duration { silence / 9 }
}
