import EventModel
public import JSON

extension JSONOutput {
    /// Appends an archived event as core/v1 JSON in the API server's order, with `cluster` behind all else. Where the
    /// event has a member of that name itself, the archive's stands in its place: a name occurs once.
    public mutating func write(_ event: borrowing EventFields) {
        if let raw = event.raw {
            write(raw: raw)
        } else if let extra = event.extra {
            write(event, sections: StoredSections(extra))
        } else {
            write(event, sections: nil)
        }
        write(",\"cluster\":")
        write(event.cluster.bytes)
        write("}")
    }

    /// All but the closing brace. An event is never an empty object.
    private mutating func write(raw: UnsafeBufferPointer<UInt8>) {
        guard let root = try? JSONDocument(parsing: Array(raw)).root else {
            write(UnsafeBufferPointer(rebasing: raw.dropLast()))
            return
        }
        let start = count
        write(members: root, except: "cluster")
        replaceByte(at: start, with: UInt8(ascii: "{"))
    }

    private mutating func write(_ event: borrowing EventFields, sections: StoredSections?) {
        let shape = event.shape
        let start = count
        if shape.contains(.typeMeta) { write(",\"kind\":\"Event\",\"apiVersion\":\"v1\"") }
        if shape.contains(.metadata) { writeMetadata(event, sections?.metadata) }
        if shape.contains(.involvedObject) { writeInvolvedObject(event, sections?.object) }
        if shape.contains(.reason) { write(",\"reason\":", event.reason) }
        if shape.contains(.message) {
            write(",\"message\":")
            write(string: event.message)
        }
        if shape.contains(.source) { writeSource(event, sections?.source) }
        writeTimes(event)
        if let count = event.count {
            write(",\"count\":")
            write(count)
        }
        if shape.contains(.type) { write(",\"type\":", event.type) }
        writeEventTime(event)
        if shape.contains(.reportingComponent) { write(",\"reportingComponent\":", event.source.reportingComponent) }
        if shape.contains(.reportingInstance) { write(",\"reportingInstance\":", event.source.reportingInstance) }
        if let top = sections?.top { write(members: top, except: "cluster") }
        // An event without any member has no time, and so is not in the archive.
        replaceByte(at: start, with: UInt8(ascii: "{"))
    }

    private mutating func writeMetadata(_ event: borrowing EventFields, _ rest: JSONValue?) {
        write(",\"metadata\":")
        let start = count
        if let suffix = event.nameSuffix {
            write(",\"name\":\"")
            writeEscaped(event.name)
            write(".")
            write(hexadecimal: UInt64(bitPattern: suffix), digits: 16)
            write("\"")
        }
        if event.shape.contains(.namespace) { write(",\"namespace\":", event.namespace) }
        if let uid = event.uid { write(",\"uid\":", uid) }
        if let version = event.resourceVersion {
            write(",\"resourceVersion\":\"")
            write(version)
            write("\"")
        }
        if let before = event.createdBefore {
            write(",\"creationTimestamp\":")
            write(timestamp: event.time - Int64(before) * 1_000_000, form: .seconds)
        }
        if let rest { write(members: rest) }
        closeObject(from: start)
    }

    private mutating func writeInvolvedObject(_ event: borrowing EventFields, _ rest: JSONValue?) {
        write(",\"involvedObject\":")
        let start = count
        let shape = event.shape
        if shape.contains(.objectKind) { write(",\"kind\":", event.kind) }
        if shape.contains(.objectNamespace) { write(",\"namespace\":", event.namespace) }
        if shape.contains(.objectName) {
            write(",\"name\":")
            write(string: event.name)
        }
        if let uid = event.objectUID { write(",\"uid\":", uid) }
        if shape.contains(.objectAPIVersion) { write(",\"apiVersion\":", event.apiVersion) }
        if let version = event.objectResourceVersion {
            write(",\"resourceVersion\":\"")
            write(version)
            write("\"")
        }
        if let path = event.fieldPath { write(",\"fieldPath\":", path) }
        if let rest { write(members: rest) }
        closeObject(from: start)
    }

    private mutating func writeSource(_ event: borrowing EventFields, _ rest: JSONValue?) {
        write(",\"source\":")
        let start = count
        if event.shape.contains(.component) { write(",\"component\":", event.source.component) }
        if event.shape.contains(.host) { write(",\"host\":", event.source.host) }
        if let rest { write(members: rest) }
        closeObject(from: start)
    }

    private mutating func writeTimes(_ event: borrowing EventFields) {
        if event.shape.contains(.firstTimestamp) {
            write(",\"firstTimestamp\":")
            write(timestamp: event.time - Int64(event.firstBefore) * 1_000_000, form: .seconds)
        } else if event.shape.contains(.nullFirstTimestamp) {
            write(",\"firstTimestamp\":null")
        }
        if event.shape.contains(.lastTimestamp) {
            write(",\"lastTimestamp\":")
            write(timestamp: event.time, form: .seconds)
        } else if event.shape.contains(.nullLastTimestamp) {
            write(",\"lastTimestamp\":null")
        }
    }

    private mutating func writeEventTime(_ event: borrowing EventFields) {
        if event.shape.contains(.eventTime) {
            write(",\"eventTime\":")
            write(timestamp: event.time, form: .microseconds)
        } else if event.shape.contains(.nullEventTime) {
            write(",\"eventTime\":null")
        }
    }

    private mutating func write(_ name: StaticString, _ text: JSONText) {
        write(name)
        write(text.bytes)
    }

    private mutating func write(_ name: StaticString, _ uuid: UUIDBits) {
        write(name)
        write("\"")
        write(bareUUID: uuid)
        write("\"")
    }

    /// Appends a UUID in canonical form, without quotes.
    public mutating func write(bareUUID uuid: UUIDBits) {
        write(hexadecimal: uuid.high >> 32, digits: 8)
        write("-")
        write(hexadecimal: uuid.high >> 16 & 0xffff, digits: 4)
        write("-")
        write(hexadecimal: uuid.high & 0xffff, digits: 4)
        write("-")
        write(hexadecimal: uuid.low >> 48, digits: 4)
        write("-")
        write(hexadecimal: uuid.low & 0xffff_ffff_ffff, digits: 12)
    }

    private mutating func write(members object: JSONValue, except name: StaticString? = nil) {
        for member in object.members {
            if let name, member.key == name { continue }
            write(",")
            write(member.key.json)
            write(":")
            write(member.value)
        }
    }

    /// Every member was written with a comma before it; the first one's becomes the opening brace.
    private mutating func closeObject(from start: Int) {
        if count == start { write("{") } else { replaceByte(at: start, with: UInt8(ascii: "{")) }
        write("}")
    }
}

/// The sections of `extra` as they come back from jsonb.
private struct StoredSections {
    let top: JSONValue?
    let metadata: JSONValue?
    let object: JSONValue?
    let source: JSONValue?

    init?(_ extra: UnsafeBufferPointer<UInt8>) {
        // What stood at the top of the event stands a level deeper here.
        let standard = JSONLimits.standard
        let limits = JSONLimits(length: standard.length, depth: standard.depth + 1)
        guard let root = try? JSONDocument(parsing: Array(extra), limits: limits).root else { return nil }
        top = root[ExtraSections.names[0]]
        metadata = root[ExtraSections.names[1]]
        object = root[ExtraSections.names[2]]
        source = root[ExtraSections.names[3]]
    }
}
