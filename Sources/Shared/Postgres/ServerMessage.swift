/// What the server says in an error or a notice, field by field; a field that it did not send is empty.
struct ServerMessage: Equatable {
    /// ERROR, FATAL, PANIC, WARNING, NOTICE and so on, never translated.
    var severity = ""
    /// Five characters; empty when the error is libpq's own, such as a lost connection.
    var sqlState = ""
    var primary = ""
    var detail = ""
    var hint = ""
    /// The function of the server's source that raised it.
    var routine = ""
    /// libpq's own text, for errors that have no fields.
    var text = ""

    /// A COPY leaves the connection in a state of its own, which nothing here ends.
    static let copyIsUnsupported = ServerMessage(text: "COPY cannot be run here; use INSERT ... SELECT unnest(...)")

    /// The session ends with this error.
    var isFatal: Bool { severity == "FATAL" || severity == "PANIC" }

    /// A statement was prepared once, but the server has forgotten it or the tables have changed so that its columns
    /// have. It was not executed, and works again once it is prepared anew.
    var preparedStatementIsStale: Bool {
        sqlState == "26000" || (sqlState == "0A000" && routine == "RevalidateCachedQuery")
    }

    /// Primary message, detail and hint in one line.
    var oneLine: String {
        guard !primary.isEmpty else { return text.joinedLines }
        var line = primary
        if !detail.isEmpty { line += "; detail: \(detail)" }
        if !hint.isEmpty { line += "; hint: \(hint)" }
        return line.joinedLines
    }
}

extension String {
    /// The text with every run of white space as one space, as a log line wants it.
    var joinedLines: String {
        split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
