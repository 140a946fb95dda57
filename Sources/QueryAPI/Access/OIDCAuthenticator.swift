internal import EventReader
internal import KubernetesAPI

/// Knows the tokens that an OpenID provider signed.
struct OIDCAuthenticator: Authenticator {
    let claims: OIDCClaims
    let keys: OIDCKeys
    /// Nil if there is none.
    let policy: WatchedFile<AccessPolicy>?
    /// The clusters that are asked what its users may see there; nil if they are not.
    let reviews: ClusterReviews?
    /// Seconds since 1970.
    let now: @Sendable () -> Double

    var mode: AccessMode { .oidc }

    func viewer(
        of token: BearerToken,
        cluster: String?,
        deadline: ContinuousClock.Instant
    ) async throws(AccessError) -> any Viewer {
        let parsed: JSONWebToken
        do throws(JSONWebToken.Failure) {
            parsed = try JSONWebToken(parsing: token.text)
        } catch {
            switch error {
            case .notAToken: throw .invalidToken()
            case .algorithm, .criticalExtension:
                throw .invalidToken("The token is signed in a way that is not taken here.")
            }
        }
        // Of another provider: none of our keys, and no reason to fetch new ones.
        guard parsed.claimedIssuer == claims.issuer, try await keys.verify(parsed) else { throw .invalidToken() }
        let user = try claims.user(of: parsed.claims, now: now())
        return OIDCViewer(user: user, granted: policy?.value.visibility(of: user, from: .oidc), reviews: reviews)
    }
}

/// A user of an OpenID provider: what the policy grants them, and what clusters say that they may see.
final class OIDCViewer: Viewer {
    let user: ReviewedUser
    private let granted: Visibility
    private let reviews: ClusterReviews?
    private let leftOut = LeftOut()

    init(user: ReviewedUser, granted: Visibility?, reviews: ClusterReviews?) {
        (self.user, self.granted, self.reviews) = (user, granted ?? .only([:]), reviews)
    }

    var name: String { "oidc:\(user.username)" }
    var mode: AccessMode { .oidc }
    var clustersLeftOut: Int { leftOut.count }

    func visibility(
        in scope: EventQuery.Scope,
        deadline: ContinuousClock.Instant
    ) async throws(AccessError) -> Visibility {
        let granted = granted.narrowed(to: scope)
        guard let reviews, !granted.covers(scope) else { return try granted.orForbidden() }
        let reviewed = try await reviews.visibility(in: scope, deadline: deadline, leftOut) { [user] _ in user }
        return try granted.union(reviewed).orForbidden()
    }
}

extension Visibility {
    /// Whether nothing of the scope is missing.
    fileprivate func covers(_ scope: EventQuery.Scope) -> Bool {
        switch scope {
        case .everything: self == .everything
        case .cluster(let cluster): self[cluster] == .all
        case .namespace(let cluster, let namespace): includes(cluster: cluster, namespace: namespace)
        }
    }
}
