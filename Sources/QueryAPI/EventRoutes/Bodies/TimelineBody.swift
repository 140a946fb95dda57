internal import Coverage
internal import EventReader
internal import EventSchema
internal import JSON
internal import NIOCore

/// The body of a timeline.
enum TimelineBody {
    /// A list in the form of a Kubernetes one, with the objects that it is of before the events.
    /// - Parameters:
    ///   - token: of the next page; nil on the last.
    ///   - gaps: in the range that was asked for; without any, the metadata says nothing of them.
    static func timeline(_ page: TimelinePage, token: String?, _ gaps: ArchiveCoverage.Gaps) -> ByteBuffer {
        var output = JSONOutput(capacity: page.events.items.count + page.objects.count * 384 + 512)
        output.write("{\"kind\":\"Timeline\",\"apiVersion\":\"kee/v1\",\"metadata\":{")
        var separator: StaticString = ""
        if let token {
            output.write("\"continue\":")
            output.write(string: token)
            separator = ","
        }
        if !gaps.isEmpty {
            output.write(separator)
            output.write(gaps)
            separator = ","
        }
        if page.objectsAreTruncated {
            output.write(separator)
            output.write("\"objectsTruncated\":true")
        }
        output.write("},\"objects\":[")
        for (index, object) in page.objects.enumerated() {
            if index > 0 { output.write(",") }
            output.write(object)
        }
        output.write("],\"items\":[")
        output.write(page.events.items)
        output.write("]}\n")
        return output.withBytes { ByteBuffer(bytes: $0) }
    }
}

extension JSONOutput {
    fileprivate mutating func write(_ object: TimelineObject) {
        write("{")
        write(object.kind)
        if !object.namespace.isEmpty {
            write(",\"namespace\":")
            write(string: object.namespace)
        }
        write(name: object.name, uid: object.uid)
        write(",\"owner\":")
        if let owner = object.owner {
            write("{")
            write(owner.kind)
            write(name: owner.name, uid: owner.uid)
            write("}")
        } else {
            write("null")
        }
        write(",\"chain\":")
        write(string: object.chain.word)
        write("}")
    }

    private mutating func write(_ kind: ObjectKind) {
        write("\"kind\":")
        write(string: kind.kind)
        write(",\"apiVersion\":")
        write(string: kind.apiVersion)
    }

    private mutating func write(name: String, uid: UUIDBits) {
        write(",\"name\":")
        write(string: name)
        write(",\"uid\":")
        write(string: "\(uid)")
    }
}
