import EventReader
import JSON

/// The pieces of a `text/event-stream`. Source: HTML, section 9.2.5, "Parsing an event stream".
enum EventStreamFrame {
    /// An event of the type `message`, so that `EventSource.onmessage` gets it.
    static func event(_ event: FedEvent) -> [UInt8] {
        var frame = id(event.position)
        frame.reserveCapacity(frame.count + event.json.count + 8)
        frame += "data: ".utf8
        // An event that is kept as it came may have line ends between its members. In JSON they are as good as spaces.
        for byte in event.json { frame.append(byte == 0x0A || byte == 0x0D ? 0x20 : byte) }
        frame += "\n\n".utf8
        return frame
    }

    /// The first of a stream: where it starts, and when to come back should it break.
    static func opening(at position: FeedPosition, retry: Duration) -> [UInt8] {
        let (seconds, attoseconds) = retry.components
        return Array("retry: \(seconds * 1_000 + attoseconds / 1_000_000_000_000_000)\n".utf8) + id(position) + [0x0A]
    }

    /// A comment, which keeps the connection, and the place that a reconnect would go on from. Without data it is no
    /// event, and yet sets the last event ID.
    static func heartbeat(at position: FeedPosition?) -> [UInt8] {
        Array(": heartbeat\n".utf8) + (position.map { id($0) } ?? []) + [0x0A]
    }

    /// An event of the type `reset`: something may be missing before this.
    static func reset(_ reason: LiveReset, at position: FeedPosition) -> [UInt8] {
        var data = JSONOutput(capacity: 256)
        data.write("{\"reason\":")
        data.write(string: reason.rawValue)
        data.write(",\"detail\":")
        data.write(string: reason.detail)
        data.write("}")
        return id(position) + Array("event: reset\ndata: ".utf8) + data.bytes + Array("\n\n".utf8)
    }

    private static func id(_ position: FeedPosition) -> [UInt8] { Array("id: \(position)\n".utf8) }
}

/// Why a stream goes on from now, although it was to go on from elsewhere.
enum LiveReset: String, Sendable, Equatable, CaseIterable {
    /// The feed no longer holds the position, or never did.
    case expired
    /// This is no position at all.
    case unknown

    var detail: String {
        switch self {
        case .expired:
            "The position is not in the feed: it is older than an hour, or of another database or one before a failover."
                + " Events may be missing before this one; ask for them without text/event-stream."
        case .unknown:
            "The Last-Event-ID is none that this service gave. Events may be missing before this one; ask for them"
                + " without text/event-stream."
        }
    }
}
