import EventModel
import EventSchema
import JSON
import Postgres

extension PageEncoder {
    /// Writes a row as the view `kee.event_log` has it: its expressions, here once more, for reading through the view
    /// would join six tables for each event. A test compares the two.
    ///
    /// Values are exact, also those that a spreadsheet takes for a formula: changing them would break every other
    /// reader. NULL is written as nothing.
    mutating func writeCSV(_ result: PostgresResult, row: Int, to output: inout JSONOutput) {
        guard let fields = fields(result, row) else { return }
        let extra = extra(result, row)
        // In UTC with microseconds, always: as text it sorts as time does.
        output.write(bareTimestamp: fields.time, form: .microseconds)
        output.write(",", csv: fields.cluster)
        output.write(",", csv: fields.namespace)
        output.write(",", csv: fields.kind)
        output.write(",")
        result.withBytes(row, EventColumns.name.rawValue) { output.write(csv: $0) }
        output.write(",", csv: fields.type)
        output.write(",", csv: fields.reason)
        output.write(",")
        result.withBytes(row, EventColumns.message.rawValue) { output.write(csv: $0) }
        output.write(",")
        output.write(count(result, row, extra))
        let source = fields.source
        output.write(",", csv: source.component.isEmpty ? source.reportingComponent : source.component)
        output.write(",", csv: source.host.isEmpty ? source.reportingInstance : source.host)
        output.write(",")
        if !result.isNull(row, EventColumns.uid.rawValue) {
            let uid = result.uuid(row, EventColumns.uid.rawValue)
            output.write(bareUUID: UUIDBits(high: uid.0, low: uid.1))
        } else if let uid = extra?["m"]?["uid"], !uid.isNull {
            // Of a string its text, of all else its JSON, as `#>>` gives it.
            output.write(csv: uid.string ?? String(decoding: uid.jsonBytes, as: UTF8.self))
        }
        output.write("\r\n")
    }

    private func extra(_ result: PostgresResult, _ row: Int) -> JSONValue? {
        guard !result.isNull(row, EventColumns.extra.rawValue) else { return nil }
        return result.withJSONB(row, EventColumns.extra.rawValue) { bytes in
            // What stood at the top of the event stands a level deeper here.
            let standard = JSONLimits.standard
            let limits = JSONLimits(length: standard.length, depth: standard.depth + 1)
            return try? JSONDocument(parsing: Array(bytes), limits: limits).root
        }
    }

    /// Of a series its count, else the event's, and 1 for what has none.
    private func count(_ result: PostgresResult, _ row: Int, _ extra: JSONValue?) -> Int32 {
        let top = extra?["e"]
        if let count = top?["series"]?["count"]?.roundedInt32 { return count }
        if !result.isNull(row, EventColumns.count.rawValue) { return result.int32(row, EventColumns.count.rawValue) }
        return top?["count"]?.roundedInt32 ?? 1
    }
}

extension JSONText {
    fileprivate var isEmpty: Bool { bytes.count == 2 }

    /// The text, without quotes and escapes.
    fileprivate var text: String {
        guard bytes.contains(UInt8(ascii: "\\")) else {
            return String(decoding: bytes[1..<(bytes.count - 1)], as: UTF8.self)
        }
        return (try? JSONDocument(parsing: bytes).root.string) ?? ""
    }
}

extension JSONValue {
    /// A number of jsonb as PostgreSQL casts it to int4, held within its range; nil for all that is no number. Halves are
    /// rounded away from zero, and there are no exponents in jsonb.
    fileprivate var roundedInt32: Int32? {
        guard kind == .number else { return nil }
        var magnitude: Int64 = 0
        var digits = rawBytes
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative { digits = digits.dropFirst() }
        while let byte = digits.popFirst() {
            if byte == UInt8(ascii: ".") {
                if let first = digits.first, first >= UInt8(ascii: "5") { magnitude += 1 }
                break
            }
            magnitude = min(magnitude * 10 + Int64(byte - UInt8(ascii: "0")), 1 << 40)
        }
        return Int32(clamping: isNegative ? -magnitude : magnitude)
    }
}

extension JSONOutput {
    fileprivate mutating func write(_ separator: StaticString, csv text: JSONText) {
        write(separator)
        // As good as always there is nothing to escape, neither in JSON nor in CSV.
        let plain = text.bytes[1..<(text.bytes.count - 1)]
        if plain.contains(where: { Self.isSpecial($0) || $0 == UInt8(ascii: "\\") }) {
            write(csv: text.text)
        } else {
            write(plain)
        }
    }

    fileprivate mutating func write(csv text: String) {
        var text = text
        text.withUTF8 { write(csv: UnsafeRawBufferPointer($0)) }
    }

    /// In quotes where it holds a comma, a quote or a line's end. Source: RFC 4180 section 2.
    fileprivate mutating func write(csv utf8: UnsafeRawBufferPointer) {
        let bytes = utf8.bindMemory(to: UInt8.self)
        guard bytes.contains(where: Self.isSpecial) else { return write(bytes) }
        write("\"")
        for byte in bytes {
            if byte == UInt8(ascii: "\"") { write(byte) }
            write(byte)
        }
        write("\"")
    }

    private static func isSpecial(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: "\""), UInt8(ascii: "\n"), UInt8(ascii: "\r"): true
        default: false
        }
    }
}
