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
        return GrantedViewer(name: "token:\(entry.name)", mode: .token, grants: entry.grants)
    }
}
