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

    /// A list in the form of a Kubernetes one; times are left out where a cluster has no events.
    static func clusters(_ clusters: [ClusterSummary]) -> ByteBuffer {
        var output = JSONOutput(capacity: 96 + clusters.count * 160)
        output.write("{\"kind\":\"ClusterList\",\"apiVersion\":\"kee/v1\",\"metadata\":{},\"items\":[")
        var isFirst = true
        for cluster in clusters {
            if !isFirst { output.write(",") }
            isFirst = false
            output.write("{\"name\":")
            output.write(string: cluster.name)
            output.write(",\"events\":")
            output.write(cluster.events)
            if let first = cluster.firstEvent {
                output.write(",\"firstEvent\":")
                output.write(time: first)
            }
            if let last = cluster.lastEvent {
                output.write(",\"lastEvent\":")
                output.write(time: last)
            }
            output.write("}")
        }
        output.write("]}\n")
        return output.withBytes { ByteBuffer(bytes: $0) }
    }
}
