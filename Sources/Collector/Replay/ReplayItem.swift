public import EventModel

/// One thing in a file that is an event or should be one.
public struct ReplayItem: Sendable {
    /// Its place in the file, from 0, counted over events and rejections alike. Items come in this order, but for those
    /// of a list that says behind them what it is: an element that does not show it by itself comes at its list's end.
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
