internal import EventReader

/// Knows some of the tokens that clients show.
protocol Authenticator: Sendable {
    var mode: AccessMode { get }

    /// Who shows a token.
    ///
    /// - Parameter cluster: that the request is about, to be asked first; nil for all.
    /// - Throws: `AccessError.unauthenticated` for a token that it does not accept; `unavailable` if it cannot tell.
    func viewer(
        of token: BearerToken,
        cluster: String?,
        deadline: ContinuousClock.Instant
    ) async throws(AccessError) -> any Viewer
}

/// Knows the tokens of a file.
struct TokenAuthenticator: Authenticator {
    let file: WatchedFile<TokenFile>

    var mode: AccessMode { .token }

    func viewer(
        of token: BearerToken,
        cluster: String?,
        deadline: ContinuousClock.Instant
    ) async throws(AccessError) -> any Viewer {
        guard let entry = file.value[token.digest] else { throw .invalidToken() }
        return TokenViewer(name: "token:\(entry.name)", digest: token.digest, file: file)
    }
}

/// Whoever shows a token of a file.
struct TokenViewer: Viewer {
    let name: String
    let digest: BearerToken.Digest
    let file: WatchedFile<TokenFile>

    var mode: AccessMode { .token }

    /// What the file grants now.
    func visibility(
        in scope: EventQuery.Scope,
        deadline: ContinuousClock.Instant
    ) async throws(AccessError) -> Visibility {
        guard let entry = file.value[digest] else { throw .invalidToken() }
        return try entry.grants.visibility.narrowed(to: scope).orForbidden()
    }
}
