internal import Logging

/// Writes a record as one JSON object: `time`, `level`, `logger`, `message`, then the metadata in order of keys. Metadata
/// of one of those names becomes `metadata.<name>`.
struct JSONLogLine {
    private static let reserved: Set<String> = ["time", "level", "logger", "message"]
    private var text = ""

    static func line(_ record: LogRecord) -> String {
        var line = JSONLogLine()
        line.text = "{\"time\":\"\(record.time.text)\",\"level\":\"\(record.level.rawValue)\",\"logger\":"
        line.add(record.logger)
        line.text += ",\"message\":"
        line.add(record.message)
        for (key, value) in record.metadata {
            line.text += ","
            line.add(reserved.contains(key) ? "metadata.\(key)" : key)
            line.text += ":"
            line.add(value)
        }
        return line.text + "}"
    }

    private mutating func add(_ value: Logger.MetadataValue) {
        switch value {
        case .string(let string): add(string)
        case .stringConvertible(let value): addConvertible(value)
        case .array(let values):
            text += "["
            for (index, value) in values.enumerated() {
                if index > 0 { text += "," }
                add(value)
            }
            text += "]"
        case .dictionary(let values):
            text += "{"
            for (index, pair) in values.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { text += "," }
                add(pair.key)
                text += ":"
                add(pair.value)
            }
            text += "}"
        }
    }

    /// Numbers and truth values stay what they are.
    private mutating func addConvertible(_ value: any CustomStringConvertible) {
        switch value {
        case let value as any BinaryInteger: text += "\(value)"
        case let value as Double where value.isFinite: text += "\(value)"
        case let value as Bool: text += value ? "true" : "false"
        default: add(value.description)
        }
    }

    private mutating func add(_ string: String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            default:
                // All that must be escaped lies below U+10000.
                if scalar.isUnsafeInALine {
                    text += "\\u" + scalar.hexadecimal(width: 4)
                } else {
                    text.unicodeScalars.append(scalar)
                }
            }
        }
        text += "\""
    }
}
