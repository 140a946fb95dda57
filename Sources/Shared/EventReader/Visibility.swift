/// Which events somebody may see. What is not visible is not counted, not told of, and not there.
public enum Visibility: Sendable, Hashable {
    /// All clusters and namespaces, those of tomorrow included.
    case everything
    /// These clusters only, by name, each with what may be seen of it; empty for nothing at all.
    case only([String: NamespaceVisibility])

    /// Whether the events of a namespace may be seen.
    public func includes(cluster: String, namespace: String) -> Bool {
        switch self {
        case .everything: true
        case .only(let clusters): clusters[cluster]?.includes(namespace) ?? false
        }
    }

    /// What may be seen of one cluster; nil for nothing.
    public subscript(cluster: String) -> NamespaceVisibility? {
        switch self {
        case .everything: .all
        case .only(let clusters): clusters[cluster]
        }
    }
}

/// What may be seen of one cluster.
public enum NamespaceVisibility: Sendable, Hashable {
    /// All namespaces, and what belongs to the cluster as a whole.
    case all
    /// These namespaces.
    case only(Set<String>)

    /// Whether the events of a namespace may be seen.
    public func includes(_ namespace: String) -> Bool {
        switch self {
        case .all: true
        case .only(let namespaces): namespaces.contains(namespace)
        }
    }
}
