internal import EventReader
internal import KubernetesAPI

/// Knows whatever token the API server of a cluster accepts.
struct KubernetesAuthenticator: Authenticator {
    let reviews: ClusterReviews
    /// For clusters that are gone; nil if there is none.
    let policy: WatchedFile<AccessPolicy>?

    var mode: AccessMode { .kubernetes }

    /// A token belongs to a cluster: the one that is asked about comes first, and the others learn of it only if that
    /// one does not accept it.
    func viewer(
        of token: BearerToken,
        cluster: String?,
        deadline: ContinuousClock.Instant
    ) async throws(AccessError) -> any Viewer {
        var absence: AccessError?
        if let first = cluster.flatMap({ reviews.reviewers[$0] }) {
            do throws(AccessError) {
                if let user = try await first.user(of: token) { return viewer(token, user, first) }
            } catch {
                absence = error
            }
        }
        let others = reviews.reviewers.keys.filter { $0 != cluster }.sorted()
        let answers = await ClusterReviews.each(others) { name -> Result<ReviewedUser?, AccessError> in
            guard let reviewer = reviews.reviewers[name] else { return .success(nil) }
            do throws(AccessError) {
                guard ContinuousClock.now < deadline else { throw ClusterReviewer.away }
                return .success(try await reviewer.user(of: token))
            } catch {
                return .failure(error)
            }
        }
        for (name, answer) in answers.sorted(by: { $0.0 < $1.0 }) {
            switch answer {
            case .success(let user?):
                if let reviewer = reviews.reviewers[name] { return viewer(token, user, reviewer) }
            case .success(nil): break
            case .failure(let error): absence = absence ?? error
            }
        }
        throw absence ?? .invalidToken()
    }

    private func viewer(_ token: BearerToken, _ user: ReviewedUser, _ reviewer: ClusterReviewer) -> KubernetesViewer {
        KubernetesViewer(
            name: "kubernetes/\(reviewer.cluster):\(user.username)",
            token: token,
            reviews: reviews,
            policy: policy?.value
        )
    }
}

/// Somebody whom a cluster knows: what they may see of its events, and of those of others that know their token, is
/// those clusters' to say.
final class KubernetesViewer: Viewer {
    let name: String
    private let token: BearerToken
    private let reviews: ClusterReviews
    private let policy: AccessPolicy?
    private let leftOut = LeftOut()

    init(name: String, token: BearerToken, reviews: ClusterReviews, policy: AccessPolicy?) {
        (self.name, self.token, self.reviews, self.policy) = (name, token, reviews, policy)
    }

    var mode: AccessMode { .kubernetes }
    var clustersLeftOut: Int { leftOut.count }

    func visibility(
        in scope: EventQuery.Scope,
        deadline: ContinuousClock.Instant
    ) async throws(AccessError) -> Visibility {
        let token = token
        let gone = try await goneClusters(in: scope)
        let seen = try await reviews.visibility(in: scope, deadline: deadline, leftOut) {
            (reviewer: ClusterReviewer) async throws(AccessError) -> ReviewedUser? in
            try await reviewer.user(of: token)
        }
        return try seen.union(gone).orForbidden()
    }

    /// What the policy grants of clusters that are gone, on the word of those that are not.
    private func goneClusters(in scope: EventQuery.Scope) async throws(AccessError) -> Visibility {
        var granted = Visibility.only([:])
        guard let policy else { return granted }
        for name in policy.vouchers(for: scope).sorted() {
            guard let reviewer = reviews.reviewers[name] else { continue }
            do throws(AccessError) {
                guard let user = try await reviewer.user(of: token) else { continue }
                granted = granted.union(policy.visibility(of: user, from: .cluster(name)).narrowed(to: scope))
            } catch {
                // Over all clusters it is counted where the voucher itself is asked.
                guard case .everything = scope else { throw error }
            }
        }
        return granted
    }
}
