internal import EventReader

extension Visibility {
    /// What is left of it within a scope; never more than the scope.
    func narrowed(to scope: EventQuery.Scope) -> Visibility {
        switch scope {
        case .everything: self
        case .cluster(let cluster): .only(self[cluster].map { [cluster: $0] } ?? [:])
        case .namespace(let cluster, let namespace):
            includes(cluster: cluster, namespace: namespace)
                ? .only([cluster: .only([namespace])]) : .only([:])
        }
    }

    /// What either of the two shows.
    func union(_ other: Visibility) -> Visibility {
        guard case .only(let mine) = self, case .only(let others) = other else { return .everything }
        return .only(mine.merging(others) { $0.union($1) })
    }

    /// - Throws: the 403 of a scope in which nothing is visible.
    func orForbidden() throws(AccessError) -> Visibility {
        if case .only(let clusters) = self, clusters.isEmpty { throw .nothingVisible }
        return self
    }
}

extension NamespaceVisibility {
    func union(_ other: NamespaceVisibility) -> NamespaceVisibility {
        guard case .only(let mine) = self, case .only(let others) = other else { return .all }
        return .only(mine.union(others))
    }
}
