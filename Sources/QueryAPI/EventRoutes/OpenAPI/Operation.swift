/// What the description of the API says of one route.
struct Operation: Sendable {
    /// For generated clients: a name of the operation.
    let id: String
    let tag: Tag
    let summary: String
    let description: String
    var parameters: [QueryParameter] = []
    /// The bodies of a 200, by media type.
    let answers: [Answer]
    /// What may go wrong, besides what may with every route.
    var failures: [Failure] = []

    enum Tag: String, CaseIterable {
        case events, clusters, time, service

        var description: String {
            switch self {
            case .events: "Archived events."
            case .clusters: "What the archive knows, and what was watched."
            case .time: "Events over time, and the story of one object."
            case .service: "Health, and this description."
            }
        }
    }

    struct Answer: Sendable {
        let mediaType: String
        let schema: DocumentValue
        var example: DocumentValue?
    }

    /// An answer in `application/problem+json`, by the name that it has among the components.
    enum Failure: String, CaseIterable {
        case badRequest = "BadRequest"
        case unauthorized = "Unauthorized"
        case forbidden = "Forbidden"
        case notFound = "NotFound"
        case notAcceptable = "NotAcceptable"
        case uriTooLong = "URITooLong"
        case tooManyRequests = "TooManyRequests"
        case headersTooLarge = "HeadersTooLarge"
        case unavailable = "Unavailable"

        var status: Int {
            switch self {
            case .badRequest: 400
            case .unauthorized: 401
            case .forbidden: 403
            case .notFound: 404
            case .notAcceptable: 406
            case .uriTooLong: 414
            case .tooManyRequests: 429
            case .headersTooLarge: 431
            case .unavailable: 503
            }
        }

        var description: String {
            switch self {
            case .badRequest: "A parameter is unknown or wrong; `parameter` names it."
            case .unauthorized: "Access control is on, and the request carries no valid token."
            case .forbidden: "What was asked for may not be seen by the one who asks, whether it exists or not."
            case .notFound: "There is no such route, or no such cluster in the archive."
            case .notAcceptable: "The Accept field rules out every form that the route has."
            case .uriTooLong: "The URL is longer than 8 KiB."
            case .tooManyRequests: "Too many calls; `Retry-After` says in how many seconds another one may succeed."
            case .headersTooLarge: "The header fields are longer than 16 KiB together."
            case .unavailable: "The archive did not answer in time, or too much is under way; see `Retry-After`."
            }
        }

        var hasRetryAfter: Bool { self == .tooManyRequests || self == .unavailable }
    }
}

/// What the description says of a query parameter.
struct QueryParameter: Sendable {
    let name: String
    let description: String
    let schema: DocumentValue
    /// Values by what they show.
    var examples: [(String, DocumentValue)] = []

    var document: DocumentValue {
        var document: DocumentValue = [
            "name": .string(name), "in": "query", "description": .string(description), "schema": schema,
        ]
        if !examples.isEmpty {
            let values = examples.map { ($0.0, ["value": $0.1] as DocumentValue) }
            document = document.adding(["examples": .members(values)])
        }
        return document
    }
}
