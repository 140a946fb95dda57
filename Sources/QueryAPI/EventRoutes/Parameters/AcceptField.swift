internal import HTTPTypes
internal import Hummingbird

/// The client's `Accept`. Source: RFC 9110 section 12.5.1.
enum AcceptField {
    /// - Throws: a 406 when the client takes no JSON, which is the one form there is so far.
    static func requireJSON(_ headers: HTTPFields) throws(Problem) {
        guard let field = headers[.accept], field != "*/*", field != "application/json", !takesJSON(field) else {
            return
        }
        throw Problem(
            status: .notAcceptable,
            detail: "The answer is application/json, which the Accept field \(field.quoted) rules out."
        )
    }

    /// Whether the client names `text/event-stream`, as `EventSource` does.
    static func asksForEventStream(_ headers: HTTPFields) -> Bool {
        guard let field = headers[.accept] else { return false }
        return field.split(separator: ",").contains { range in
            let parts = range.split(separator: ";").map { trimmed($0) }
            return parts.first == "text/event-stream" && !parts.dropFirst().contains { isZeroQuality($0) }
        }
    }

    /// The most specific range that matches decides; parameters other than `q` are passed over.
    static func takesJSON(_ field: String) -> Bool {
        var decision: (rank: Int, isTaken: Bool) = (0, false)
        var isEmpty = true
        for range in field.split(separator: ",") {
            let parts = range.split(separator: ";", omittingEmptySubsequences: false).map { trimmed($0) }
            isEmpty = isEmpty && parts == [""]
            let rank: Int
            switch parts[0] {
            case "application/json": rank = 3
            case "application/*": rank = 2
            case "*/*": rank = 1
            default: continue
            }
            let isTaken = !parts.dropFirst().contains { isZeroQuality($0) }
            if rank > decision.rank || (rank == decision.rank && isTaken) { decision = (rank, isTaken) }
        }
        return isEmpty || decision.isTaken
    }

    /// `q=0`, `q=0.0` and so on.
    private static func isZeroQuality(_ parameter: String) -> Bool {
        guard parameter.hasPrefix("q=") else { return false }
        let value = parameter.dropFirst(2)
        return !value.isEmpty && value.allSatisfy { $0 == "0" || $0 == "." }
    }

    private static func trimmed(_ text: Substring) -> String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        let start = text.drop(while: isSpace)
        let end = start.lastIndex { !isSpace($0) }
        return end.map { start[...$0].lowercased() } ?? ""
    }
}
