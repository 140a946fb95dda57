/// How much lies in a spool.
public struct SpoolStatus: Sendable, Equatable {
    /// Bytes of all files, those that were set aside as damaged among them.
    public let bytes: Int
    /// Bytes that there may be.
    public let limit: Int
    /// Records that are not acknowledged.
    public let records: Int
    /// When the oldest of them was appended, in microseconds since 1970 by this machine's clock; nil if there is none.
    public let oldestAppendedAt: Int64?
    /// The last append was refused for want of room, and nothing was deleted since.
    public let isFull: Bool

    /// Whether everything is acknowledged.
    public var isEmpty: Bool { records == 0 }

    /// How long the oldest record has been waiting, at a time in microseconds since 1970. Never negative.
    public func oldestAge(at now: Int64) -> Duration {
        .microseconds(max(0, now - (oldestAppendedAt ?? now)))
    }
}
