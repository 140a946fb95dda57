internal import Coverage
internal import EventModel
internal import EventReader
internal import JSON
internal import NIOCore

/// The bodies of the answers. Items come as JSON and are put between brackets without being looked at.
enum EventListBody {
    /// A Kubernetes `EventList`.
    /// - Parameters:
    ///   - token: of the next page; nil on the last.
    ///   - gaps: in the range that was asked for; without any, the metadata says nothing of them.
    static func events(_ page: EventPage, token: String?, _ gaps: ArchiveCoverage.Gaps?) -> ByteBuffer {
        let capacity = page.items.count + (token?.utf8.count ?? 0) + 96
        var body = ByteBufferAllocator().buffer(capacity: capacity)
        body.writeStaticString("{\"kind\":\"EventList\",\"apiVersion\":\"v1\",\"metadata\":{")
        if let token {
            body.writeStaticString("\"continue\":\"")
            body.writeString(token)
            body.writeStaticString("\"")
            if let remaining = page.remaining { body.writeString(",\"remainingItemCount\":\(remaining)") }
        }
        if let gaps, !gaps.isEmpty {
            if token != nil { body.writeStaticString(",") }
            var output = JSONOutput(capacity: 64 + gaps.gaps.count * 192)
            output.write(gaps)
            _ = output.withBytes { body.writeBytes($0) }
        }
        body.writeStaticString("},\"items\":[")
        body.writeBytes(page.items)
        body.writeStaticString("]}\n")
        return body
    }

}
