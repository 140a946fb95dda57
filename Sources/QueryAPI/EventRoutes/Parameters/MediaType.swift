/// The forms in which events are answered.
enum MediaType: String, CaseIterable, Sendable {
    case json = "application/json"
    case lines = "application/x-ndjson"
    /// The table of `kubectl get events`.
    case table = "text/plain"
    case csv = "text/csv"
    /// The live tail.
    case eventStream = "text/event-stream"

    /// Of the answers of event routes, the one that is meant by `*/*` first, and so for `text/*`.
    static let ofEvents: [MediaType] = [.json, .lines, .table, .csv]

    /// For `Content-Type`. Source of CSV's `header`: RFC 4180 section 3.
    var contentType: String {
        switch self {
        case .json, .lines: rawValue
        case .table: "text/plain; charset=utf-8"
        case .csv: "text/csv; charset=utf-8; header=present"
        case .eventStream: rawValue
        }
    }

    /// The range of all forms of the same kind: `text/*`.
    var range: String {
        switch self {
        case .json, .lines: "application/*"
        case .table, .csv, .eventStream: "text/*"
        }
    }
}
