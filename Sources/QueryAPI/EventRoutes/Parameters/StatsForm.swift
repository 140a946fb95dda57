internal import HTTPTypes

/// The forms that numbers come in.
enum StatsForm: Equatable, Sendable {
    case json
    case csv

    /// What the client likes best; JSON where it likes both as much.
    /// - Throws: a 406 when it takes neither.
    init(accepted headers: HTTPFields) throws(Problem) {
        guard let field = headers[.accept] else {
            self = .json
            return
        }
        if AcceptField.takesJSON(field) {
            self = field.lowercased().hasPrefix("text/csv") ? .csv : .json
        } else if field.lowercased().contains("text/csv") {
            self = .csv
        } else {
            throw Problem(
                status: .notAcceptable,
                detail: "The answer is application/json or text/csv, which the Accept field \(field.quoted) rules out."
            )
        }
    }
}
