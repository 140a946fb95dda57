internal import Logging

/// Writes a record for people: `2026-02-28T23:59:59.999Z WARN  watch: the message cluster=prod count=3`.
enum TextLogLine {
    static func line(_ record: LogRecord, isColoured: Bool) -> String {
        var line = record.time.text + " "
        let level = name(record.level)
        line += isColoured ? "\u{1B}[\(colour(record.level))m\(level)\u{1B}[0m" : level
        line += " \(escaped(record.logger)): \(escaped(record.message))"
        for (key, value) in record.metadata {
            line += " \(escaped(key))=\(quoted("\(value)"))"
        }
        return line
    }

    private static func name(_ level: Logger.Level) -> String {
        switch level {
        case .trace: "TRACE"
        case .debug: "DEBUG"
        case .info: "INFO "
        case .notice: "NOTE "
        case .warning: "WARN "
        case .error: "ERROR"
        case .critical: "FATAL"
        }
    }

    /// Codes of ECMA-48's select graphic rendition.
    private static func colour(_ level: Logger.Level) -> String {
        switch level {
        case .trace, .debug: "90"
        case .info: "32"
        case .notice: "36"
        case .warning: "33"
        case .error: "31"
        case .critical: "1;31"
        }
    }

    private static func quoted(_ value: String) -> String {
        let needsQuotes =
            value.isEmpty
            || value.unicodeScalars.contains { $0 == " " || $0 == "\"" || $0 == "=" || $0.isUnsafeInALine }
        return needsQuotes ? "\"" + escaped(value, quotes: true) + "\"" : escaped(value)
    }

    private static func escaped(_ text: String, quotes: Bool = false) -> String {
        guard text.unicodeScalars.contains(where: { $0.isUnsafeInALine || $0 == "\\" || (quotes && $0 == "\"") })
        else { return text }
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"" where quotes: escaped += "\\\""
            case "\n": escaped += "\\n"
            case "\r": escaped += "\\r"
            case "\t": escaped += "\\t"
            default:
                if scalar.isUnsafeInALine {
                    escaped += "\\u{" + scalar.hexadecimal(width: 1) + "}"
                } else {
                    escaped.unicodeScalars.append(scalar)
                }
            }
        }
        return escaped
    }
}
