internal import EventReader
internal import JSON
internal import NIOCore

/// The bodies that tell what the archive knows: lists in the form of Kubernetes' own. Times are left out where there are no
/// events (any more).
enum SummaryListBody {
    static func clusters(_ clusters: [ClusterSummary]) -> ByteBuffer {
        list("ClusterList", token: nil, clusters.count) { output, index in
            let cluster = clusters[index]
            output.write(summary: cluster.name, cluster.events, cluster.firstEvent, cluster.lastEvent)
        }
    }

    /// - Parameter token: of the next page; nil on the last.
    static func namespaces(_ namespaces: some RandomAccessCollection<NamespaceSummary>, token: String?) -> ByteBuffer {
        let namespaces = Array(namespaces)
        return list("ClusterNamespaceList", token: token, namespaces.count) { output, index in
            let namespace = namespaces[index]
            output.write(summary: namespace.name, namespace.events, namespace.firstEvent, namespace.lastEvent)
        }
    }

    private static func list(
        _ kind: String,
        token: String?,
        _ count: Int,
        _ writeItem: (inout JSONOutput, Int) -> Void
    ) -> ByteBuffer {
        var output = JSONOutput(capacity: 96 + count * 160)
        output.write("{\"kind\":")
        output.write(string: kind)
        output.write(",\"apiVersion\":\"kee/v1\",\"metadata\":{")
        if let token {
            output.write("\"continue\":")
            output.write(string: token)
        }
        output.write("},\"items\":[")
        for index in 0..<count {
            if index > 0 { output.write(",") }
            writeItem(&output, index)
        }
        output.write("]}\n")
        return output.withBytes { ByteBuffer(bytes: $0) }
    }
}

extension JSONOutput {
    fileprivate mutating func write(summary name: String, _ events: Int64, _ first: Int64?, _ last: Int64?) {
        write("{\"name\":")
        write(string: name)
        write(",\"events\":")
        write(events)
        if let first {
            write(",\"firstEvent\":")
            write(time: first)
        }
        if let last {
            write(",\"lastEvent\":")
            write(time: last)
        }
        write("}")
    }
}
