import JSON
import NIOCore
import NIOPosix

/// What a browser's `EventSource` is: it reads a stream as HTML, section 9.2.6 says, over a socket of its own.
struct LiveClient: Sendable {
    struct Message: Sendable, Equatable {
        var type = "message"
        var data: String
        var id: String

        /// Of the event in it.
        var uid: String {
            get throws { try JSONDocument(parsing: Array(data.utf8)).root["metadata"]?["uid"]?.string ?? "" }
        }
    }

    /// What was read so far.
    struct Reading: Sendable {
        /// Status line and fields.
        var head = ""
        var messages: [Message] = []
        var lastEventID = ""
        var comments = 0
        /// The stream has come to its last chunk.
        var hasEnded = false
        fileprivate var raw: [UInt8] = []
        fileprivate var text: [UInt8] = []
        fileprivate var data: [String] = []
        fileprivate var type = ""
    }

    let port: Int
    var path = "/events"
    /// Of the client, so that a rate limit could tell it.
    var agent = "live"
    /// A bearer token; empty for none.
    var token = ""

    /// Connects, and reads until `isDone` or until the server closes.
    func read(after lastEventID: String = "", until isDone: @Sendable (Reading) async throws -> Bool) async throws
        -> Reading
    {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            let resumed = lastEventID.isEmpty ? "" : "Last-Event-ID: \(lastEventID)\r\n"
            let known = token.isEmpty ? "" : "Authorization: Bearer \(token)\r\n"
            try await outbound.write(
                ByteBuffer(
                    string: "GET \(path) HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nUser-Agent: \(agent)\r\n"
                        + "\(resumed)\(known)\r\n"
                )
            )
            var reading = Reading()
            reading.lastEventID = lastEventID
            for try await part in inbound {
                reading.read(part.readableBytesView)
                if try await isDone(reading) { break }
            }
            return reading
        }
    }
}

extension LiveClient.Reading {
    fileprivate mutating func read(_ bytes: some Sequence<UInt8>) {
        raw += bytes
        if head.isEmpty {
            guard let end = raw.firstRange(of: Array("\r\n\r\n".utf8)) else { return }
            head = String(decoding: raw[..<end.upperBound], as: UTF8.self)
            raw.removeSubrange(..<end.upperBound)
        }
        // Chunks. Source: RFC 9112, section 7.1.
        while let end = raw.firstRange(of: Array("\r\n".utf8)) {
            let length = Int(String(decoding: raw[..<end.lowerBound], as: UTF8.self), radix: 16) ?? 0
            if length == 0 { hasEnded = true }
            guard length > 0, raw.count >= end.upperBound + length + 2 else { break }
            text += raw[end.upperBound..<(end.upperBound + length)]
            raw.removeSubrange(..<(end.upperBound + length + 2))
        }
        var start = 0
        while let end = text[start...].firstIndex(of: 0x0A) {
            line(String(decoding: text[start..<end], as: UTF8.self))
            start = end + 1
        }
        text.removeSubrange(..<start)
    }

    private mutating func line(_ line: String) {
        if line.isEmpty {
            if !data.isEmpty {
                let type = type.isEmpty ? "message" : type
                messages.append(.init(type: type, data: data.joined(separator: "\n"), id: lastEventID))
            }
            (data, type) = ([], "")
        } else if line.hasPrefix(":") {
            comments += 1
        } else if line.hasPrefix("id: ") {
            lastEventID = String(line.dropFirst(4))
        } else if line.hasPrefix("event: ") {
            type = String(line.dropFirst(7))
        } else if line.hasPrefix("data: ") {
            data.append(String(line.dropFirst(6)))
        }
    }
}
