public import EventModel
import JSON

extension EventRow {
    /// The longest text that goes into a dictionary, in bytes: PostgreSQL's btree takes no key over 2700.
    public static let dictionaryTextLimit = 256

    /// Takes an event apart into columns. What a column cannot give back exactly goes to `extra`, and where jsonb
    /// cannot either, the whole event to `raw`.
    public init(_ event: Event, cluster: String) {
        var parts = RowParts(time: event.time)
        parts.takeTop(of: event)
        if let metadata = event.metadata { parts.take(metadata, of: event) }
        if let object = event.involvedObject { parts.take(object) }
        if let source = event.source { parts.take(source) }
        self = parts.row
        id = EventIdentity.observation(event, cluster: cluster)
        object = EventIdentity.object(cluster: cluster, namespace: namespace, name: name)
        extra = parts.extra
        if parts.needsRaw {
            var output = JSONOutput(capacity: event.body.rawBytes.count)
            output.write(event)
            raw = output.bytes
            extra = nil
        }
    }
}

/// The taking apart of one event.
private struct RowParts {
    var row: EventRow
    /// Whether something was met that only `raw` can hold.
    private(set) var needsRaw = false
    private var sections = ExtraSections()

    init(time: Int64) {
        row = EventRow(time: time, id: 0, object: 0)
    }

    var extra: [UInt8]? { sections.bytes }

    /// The second in which `time` lies, since 1970.
    private var second: Int64 { row.time >= 0 ? row.time / 1_000_000 : (row.time - 999_999) / 1_000_000 }

    mutating func takeTop(of event: Event) {
        if event.kind?.string == "Event", event.apiVersion?.string == "v1" {
            row.shape.insert(.typeMeta)
        } else {
            keep(event.kind, as: "kind", in: .top)
            keep(event.apiVersion, as: "apiVersion", in: .top)
        }
        if event.metadata != nil { row.shape.insert(.metadata) }
        if event.involvedObject != nil { row.shape.insert(.involvedObject) }
        if event.source != nil { row.shape.insert(.source) }
        takeText(event.reason, "reason", .top, .reason, limit: EventRow.dictionaryTextLimit) { $0.reason = $1 }
        takeText(event.type, "type", .top, .type, limit: EventRow.dictionaryTextLimit) { $0.type = $1 }
        takeText(event.message, "message", .top, .message, limit: .max) { $0.message = $1 }
        takeText(
            event.reportingComponent,
            "reportingComponent",
            .top,
            .reportingComponent,
            limit: EventRow.dictionaryTextLimit
        ) {
            $0.source.reportingComponent = $1
        }
        takeText(
            event.reportingInstance,
            "reportingInstance",
            .top,
            .reportingInstance,
            limit: EventRow.dictionaryTextLimit
        ) {
            $0.source.reportingInstance = $1
        }
        if let count = event.count {
            if let exact = count.int64, let fitting = Int32(exactly: exact), count.isCanonicalInteger {
                row.count = fitting
            } else {
                keep(count, as: "count", in: .top)
            }
        }
        takeTimes(of: event)
        for member in event.others { keep(member, in: .top) }
    }

    private mutating func takeTimes(of event: Event) {
        if let value = event.firstTimestamp {
            if value.isNull {
                row.shape.insert(.nullFirstTimestamp)
            } else if let before = secondsBefore(value) {
                row.shape.insert(.firstTimestamp)
                row.firstBefore = before
            } else {
                keep(value, as: "firstTimestamp", in: .top)
            }
        }
        if let value = event.lastTimestamp {
            if value.isNull {
                row.shape.insert(.nullLastTimestamp)
            } else if let time = Timestamp(value), time.form == .seconds, time.microseconds == row.time {
                row.shape.insert(.lastTimestamp)
            } else {
                keep(value, as: "lastTimestamp", in: .top)
            }
        }
        if let value = event.eventTime {
            if value.isNull {
                row.shape.insert(.nullEventTime)
            } else if let time = Timestamp(value), time.form == .microseconds, time.microseconds == row.time {
                row.shape.insert(.eventTime)
            } else {
                keep(value, as: "eventTime", in: .top)
            }
        }
    }

    mutating func take(_ metadata: Event.Metadata, of event: Event) {
        takeText(metadata.namespace, "namespace", .metadata, .namespace, limit: EventRow.dictionaryTextLimit) {
            $0.namespace = $1
        }
        if let name = metadata.name {
            row.nameSuffix = Self.suffix(of: name, behind: event.involvedObject?.name)
            if row.nameSuffix == nil { keep(name, as: "name", in: .metadata) }
        }
        if let uid = metadata.uid {
            row.uid = uid.isPlainString ? uid.withRawBytes { UUIDBits($0) } : nil
            if row.uid == nil { keep(uid, as: "uid", in: .metadata) }
        }
        if let version = metadata.resourceVersion {
            row.resourceVersion = version.canonicalDecimal
            if row.resourceVersion == nil { keep(version, as: "resourceVersion", in: .metadata) }
        }
        if let created = metadata.creationTimestamp {
            row.createdBefore = secondsBefore(created)
            if row.createdBefore == nil { keep(created, as: "creationTimestamp", in: .metadata) }
        }
        for member in metadata.others { keep(member, in: .metadata) }
    }

    mutating func take(_ object: Event.ObjectReference) {
        takeText(object.kind, "kind", .object, .objectKind, limit: EventRow.dictionaryTextLimit) { $0.kind.kind = $1 }
        takeText(object.apiVersion, "apiVersion", .object, .objectAPIVersion, limit: EventRow.dictionaryTextLimit) {
            $0.kind.apiVersion = $1
        }
        takeText(object.name, "name", .object, .objectName, limit: .max) { $0.name = $1 }
        if let namespace = object.namespace {
            if row.shape.contains(.namespace), namespace.isStorableString, namespace.string == row.namespace {
                row.shape.insert(.objectNamespace)
            } else {
                keep(namespace, as: "namespace", in: .object)
            }
        }
        if let uid = object.uid {
            row.objectUID = uid.isPlainString ? uid.withRawBytes { UUIDBits($0) } : nil
            if row.objectUID == nil { keep(uid, as: "uid", in: .object) }
        }
        if let version = object.resourceVersion {
            row.objectResourceVersion = version.canonicalDecimal
            if row.objectResourceVersion == nil { keep(version, as: "resourceVersion", in: .object) }
        }
        if let path = object.fieldPath {
            if path.isStorableString, let text = path.string, text.utf8.count <= EventRow.dictionaryTextLimit {
                row.fieldPath = text
            } else {
                keep(path, as: "fieldPath", in: .object)
            }
        }
        for member in object.others { keep(member, in: .object) }
    }

    mutating func take(_ source: Event.Source) {
        takeText(source.component, "component", .source, .component, limit: EventRow.dictionaryTextLimit) {
            $0.source.component = $1
        }
        takeText(source.host, "host", .source, .host, limit: EventRow.dictionaryTextLimit) { $0.source.host = $1 }
        for member in source.others { keep(member, in: .source) }
    }

    /// A text goes to its column, cut to the limit; if that is not all of it, it stands in `extra` as well and is
    /// marked absent.
    private mutating func takeText(
        _ value: JSONValue?,
        _ name: StaticString,
        _ section: ExtraSections.Section,
        _ bit: EventShape,
        limit: Int,
        _ assign: (inout EventRow, String) -> Void
    ) {
        guard let value else { return }
        guard let text = value.storableString else { return keep(value, as: name, in: section) }
        if text.utf8.count <= limit, value.isStorableString {
            assign(&row, text)
            row.shape.insert(bit)
        } else {
            assign(&row, text.prefix(utf8Count: limit))
            keep(value, as: name, in: section)
        }
    }

    private func secondsBefore(_ value: JSONValue) -> Int32? {
        guard let time = Timestamp(value), time.form == .seconds else { return nil }
        return Int32(exactly: second - time.microseconds / 1_000_000)
    }

    private mutating func keep(_ value: JSONValue?, as name: StaticString, in section: ExtraSections.Section) {
        guard let value else { return }
        if !value.fitsJSONB { needsRaw = true }
        sections.add(name, value, to: section)
    }

    private mutating func keep(_ member: JSONValue.Member, in section: ExtraSections.Section) {
        if !member.value.fitsJSONB || !member.key.json.isStorableString { needsRaw = true }
        sections.add(member, to: section)
    }

    /// The 16 digits of `<object>.<16 hexadecimal digits>`, as client-go names its events.
    private static func suffix(of name: JSONValue, behind object: JSONValue?) -> Int64? {
        guard name.isPlainString, let object, object.isPlainString else { return nil }
        return name.withRawBytes { name in
            object.withRawBytes { object in
                guard name.count == object.count + 17, name.starts(with: object),
                    name[object.count] == UInt8(ascii: ".")
                else { return nil }
                var bits: UInt64 = 0
                for byte in name[(object.count + 1)...] {
                    guard let digit = HexadecimalDigit.value(of: byte) else { return nil }
                    bits = bits << 4 | UInt64(digit)
                }
                return Int64(bitPattern: bits)
            }
        }
    }
}
