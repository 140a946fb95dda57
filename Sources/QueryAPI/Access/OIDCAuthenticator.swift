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
        let holder = try claims.holder(of: parsed.claims, now: now())
        return OIDCViewer(holder: holder, policy: policy, reviews: reviews, now: now)
    }
}

/// A user of an OpenID provider: what the policy grants them, and what clusters say that they may see.
final class OIDCViewer: Viewer {
    private let holder: OIDCClaims.Holder
    private let policy: WatchedFile<AccessPolicy>?
    private let reviews: ClusterReviews?
    private let now: @Sendable () -> Double
    private let leftOut = LeftOut()

    init(
        holder: OIDCClaims.Holder,
        policy: WatchedFile<AccessPolicy>?,
        reviews: ClusterReviews?,
        now: @escaping @Sendable () -> Double
    ) {
        (self.holder, self.policy, self.reviews, self.now) = (holder, policy, reviews, now)
    }

    var name: String { "oidc:\(holder.user.username)" }
    var mode: AccessMode { .oidc }
    var clustersLeftOut: Int { leftOut.count }

    func visibility(
        in scope: EventQuery.Scope,
        deadline: ContinuousClock.Instant
    ) async throws(AccessError) -> Visibility {
        try holder.checkExpiry(now: now())
        let user = holder.user
        let granted = policy?.value.visibility(of: user, from: .oidc).narrowed(to: scope) ?? .only([:])
        guard let reviews, !granted.covers(scope) else { return try granted.orForbidden() }
        let reviewed = try await reviews.visibility(in: scope, deadline: deadline, leftOut) { _ in user }
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
