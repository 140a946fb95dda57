internal import Hummingbird

/// What went wrong with a request, said as RFC 9457 wants it.
struct Problem: Error, Equatable {
    let status: HTTPResponse.Status
    /// One sentence or two for the person who sent the request, without secrets.
    let detail: String
    /// The parameter, or the part of the path, that is to blame.
    var parameter: String?
    /// Whole seconds after which another try may succeed.
    var retryAfter: Int?
    /// What `WWW-Authenticate` says, with a 401.
    var challenge: String?

    /// A parameter that cannot be answered: never ignored or clamped, since a typo must not widen a query.
    static func parameter(_ name: String, _ detail: String) -> Problem {
        Problem(status: .badRequest, detail: detail, parameter: name)
    }

    static func parameter(_ name: ParameterName, _ detail: String) -> Problem {
        parameter(name.rawValue, detail)
    }

    private static let unknownRoute = Problem(
        status: .notFound,
        detail: "There is no such route. Events are at /events, /events/{cluster}, /events/{cluster}/{namespace}, "
            + "/events/{cluster}/{namespace}/{resource} and /events/{cluster}/{namespace}/{kind}/{name}; "
            + "clusters at /clusters, the namespaces of one at /clusters/{cluster}/namespaces, and what was watched of it "
            + "at /clusters/{cluster}/coverage; "
            + "numbers over time at /stats, /stats/{cluster} and /stats/{cluster}/{namespace}."
    )

    /// For a path that no route matches.
    static func noRoute(for path: String) -> Problem {
        path.count > 1 && path.hasSuffix("/") || path.contains("//") ? .emptySegment : .unknownRoute
    }

    private static let emptySegment = Problem(
        status: .notFound,
        detail: "A part of the path is empty. Leave out the slash at its end, and none of the parts between."
    )

    static let methodNotAllowed = Problem(
        status: .methodNotAllowed,
        detail: "The archive is read with GET and HEAD only."
    )

    static let unexpected = Problem(
        status: .internalServerError,
        detail: "An unexpected error; the log of the query service says more."
    )
}

extension String {
    /// A client's text for use in an answer: not longer than 64 characters.
    var quoted: String {
        let short = prefix(64)
        return short.endIndex == endIndex ? "'\(self)'" : "'\(short)...'"
    }
}
