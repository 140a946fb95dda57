internal import EventModel
internal import EventSchema
internal import JSON

/// An event as columns: what is written from them is the event, with its cluster.
struct RowCheck {
    let event: Event

    func run() throws {
        let row = EventRow(event, cluster: "fuzz")
        let written = try DocumentCheck.parse(Self.text(of: row), "an event from its columns")
        guard written["cluster"]?.string == "fuzz" else {
            throw FuzzFailure(description: "an event from its columns has no cluster")
        }
        // The archive's `cluster` stands in place of the event's own.
        guard !event.others.contains(where: { $0.key == "cluster" }) else { return }
        var text = DocumentCheck.text(of: event)
        text.removeLast()
        let expected = try DocumentCheck.parse(text + Array(",\"cluster\":\"fuzz\"}".utf8), "an event with its cluster")
        guard written == expected else {
            throw FuzzFailure(
                description:
                    "an event from its columns is another: \(String(decoding: Self.text(of: row), as: UTF8.self))"
            )
        }
    }

    private static func text(of row: EventRow) -> [UInt8] {
        var (name, message) = (row.name, row.message)
        return name.withUTF8 { name in
            message.withUTF8 { message in
                withOptional(row.extra) { extra in
                    withOptional(row.raw) { raw in text(of: row, name, message, extra, raw) }
                }
            }
        }
    }

    private static func text(
        of row: EventRow,
        _ name: UnsafeBufferPointer<UInt8>,
        _ message: UnsafeBufferPointer<UInt8>,
        _ extra: UnsafeBufferPointer<UInt8>?,
        _ raw: UnsafeBufferPointer<UInt8>?
    ) -> [UInt8] {
        var fields = EventFields(
            time: row.time,
            shape: row.shape,
            cluster: JSONText("fuzz"),
            namespace: JSONText(row.namespace),
            kind: JSONText(row.kind.kind),
            apiVersion: JSONText(row.kind.apiVersion),
            source: SourceText(row.source),
            reason: JSONText(row.reason),
            type: JSONText(row.type)
        )
        fields.resourceVersion = row.resourceVersion
        fields.nameSuffix = row.nameSuffix
        fields.objectResourceVersion = row.objectResourceVersion
        fields.uid = row.uid
        fields.objectUID = row.objectUID
        fields.firstBefore = row.firstBefore ?? 0
        fields.createdBefore = row.createdBefore
        fields.count = row.count
        fields.fieldPath = row.fieldPath.map { JSONText($0) }
        fields.name = name
        fields.message = message
        fields.extra = extra
        fields.raw = raw
        var output = JSONOutput()
        output.write(fields)
        return output.bytes
    }

    private static func withOptional(
        _ bytes: [UInt8]?,
        _ body: (UnsafeBufferPointer<UInt8>?) -> [UInt8]
    ) -> [UInt8] {
        guard let bytes else { return body(nil) }
        return bytes.withUnsafeBufferPointer { body($0) }
    }
}
