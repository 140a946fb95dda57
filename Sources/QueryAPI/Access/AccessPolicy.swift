internal import EventReader
internal import KubernetesAPI

/// Who may see what, for those whose rights no cluster is asked for: users of an OpenID provider, and everybody where
/// the cluster is gone. What no rule grants is denied.
struct AccessPolicy: Sendable, Equatable {
    /// Whose word on users and groups a rule takes.
    enum Source: Sendable, Hashable {
        /// The OpenID provider's.
        case oidc
        /// A cluster's, by its TokenReview.
        case cluster(String)
    }

    struct Rule: Sendable, Equatable {
        var source: Source
        var users: Set<String> = []
        var groups: Set<String> = []
        /// Whoever the source knows.
        var isForEveryone = false
        var grants: Grants

        func applies(to user: ReviewedUser) -> Bool {
            isForEveryone || users.contains(user.username) || user.groups.contains(where: groups.contains)
        }
    }

    var rules: [Rule] = []

    /// What a user may see by it.
    func visibility(of user: ReviewedUser, from source: Source) -> Visibility {
        rules.reduce(.only([:])) { seen, rule in
            rule.source == source && rule.applies(to: user) ? seen.union(rule.grants.visibility) : seen
        }
    }

    /// The clusters on whose word anything of a scope may be seen.
    func vouchers(for scope: EventQuery.Scope) -> Set<String> {
        Set(
            rules.compactMap { rule in
                guard case .cluster(let cluster) = rule.source,
                    rule.grants.visibility.narrowed(to: scope) != .only([:])
                else { return nil }
                return cluster
            }
        )
    }
}
