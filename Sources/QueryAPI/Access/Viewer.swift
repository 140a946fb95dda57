public import EventReader

/// Somebody who asks, known by now: what they may see is asked of them for each question.
public protocol Viewer: Sendable {
    /// Who it is, for logs and for the rate limit; never a secret.
    var name: String { get }

    /// How they made themselves known.
    var mode: AccessMode { get }

    /// Clusters that could not be asked what this viewer may see there, and whose events were left out of an answer over
    /// all clusters for that.
    var clustersLeftOut: Int { get }

    /// What they may see of the events in a scope, now. Nothing outside the scope is in it. A stream that lasts asks
    /// again every minute or so: a token may have expired, and rights may have been taken away.
    ///
    /// - Throws: `AccessError` when it is nothing, or when nobody could be asked.
    func visibility(
        in scope: EventQuery.Scope,
        deadline: ContinuousClock.Instant
    ) async throws(AccessError) -> Visibility
}

extension Viewer {
    /// None, where nobody else is asked.
    public var clustersLeftOut: Int { 0 }
}

/// Everyone, where access is open.
public struct OpenViewer: Viewer {
    /// The one that all share.
    public init() {}

    /// Nobody in particular.
    public var name: String { "" }

    /// Not at all.
    public var mode: AccessMode { .open }

    /// Everything.
    public func visibility(
        in scope: EventQuery.Scope,
        deadline: ContinuousClock.Instant
    ) async throws(AccessError) -> Visibility { .everything }
}

/// How somebody makes themselves known.
public enum AccessMode: String, CaseIterable, Sendable, Hashable {
    /// Not at all: everyone who reaches the listener may read.
    case open
    /// By a token out of a file of ours.
    case token
    /// By a signed token of an OpenID provider.
    case oidc
    /// By whatever token the API server of a cluster accepts.
    case kubernetes
}

/// Why somebody may not see what they asked for. Nothing in it tells of what there is.
public enum AccessError: Error, Sendable, Equatable {
    /// Nobody that is known: 401, with what `WWW-Authenticate` is to say.
    case unauthenticated(challenge: String, detail: String)
    /// Known, and not allowed: 403.
    case forbidden(detail: String)
    /// It cannot be told now: 503.
    case unavailable(detail: String)
}

extension AccessError {
    /// The same whether the scope exists or not.
    static let nothingVisible = AccessError.forbidden(
        detail: "You may see no events here. This answer is the same whether the cluster or namespace exists or not."
    )

    /// There were no credentials. Source: RFC 6750 section 3, which wants no error code then.
    static func noToken(_ detail: String) -> AccessError {
        .unauthenticated(challenge: "Bearer realm=\"kee\"", detail: detail)
    }

    /// There was a token, and nobody here accepts it.
    static func invalidToken(_ detail: String = "The bearer token is not accepted.") -> AccessError {
        .unauthenticated(challenge: "Bearer realm=\"kee\", error=\"invalid_token\"", detail: detail)
    }
}
