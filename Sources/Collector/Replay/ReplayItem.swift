public import EventModel

/// One thing in a file that is an event or should be one.
public struct ReplayItem: Sendable {
    /// Its place in the file, from 0, counted over events and rejections alike.
    public let index: Int
    /// Where it begins, or what it stands in: bytes of text, after decompression and as UTF-8, from 0.
    public internal(set) var offset: Int
    /// The event, or why it is none.
    public let event: Result<Event, EventRejection>
    /// What was rejected, to keep it aside: at most `ReplayLimits.excerpt` bytes. Empty for an event.
    public let body: [UInt8]
    /// The bytes of text that it took, for the bound of a batch.
    let size: Int
}
