public import EventReader

/// Somebody who asks, known by now: what they may see is asked of them for each question.
public protocol Viewer: Sendable {
    /// Who it is, for logs and for the rate limit; never a secret.
    var name: String { get }

    /// What they may see of the events in a scope.
    ///
    /// - Throws: `AccessError` when it is nothing, or when nobody could be asked.
    func visibility(
        in scope: EventQuery.Scope,
        deadline: ContinuousClock.Instant
    ) async throws(AccessError) -> Visibility
}

/// Everyone, where access is open.
public struct OpenViewer: Viewer {
    /// The one that all share.
    public init() {}

    /// Nobody in particular.
    public var name: String { "" }

    /// Everything.
    public func visibility(
        in scope: EventQuery.Scope,
        deadline: ContinuousClock.Instant
    ) async throws(AccessError) -> Visibility { .everything }
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
