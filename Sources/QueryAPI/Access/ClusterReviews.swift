internal import EventReader
internal import KubernetesAPI
internal import Synchronization

/// The clusters that are asked what people may see of their events.
struct ClusterReviews: Sendable {
    /// Lists the namespaces that the archive knows of a cluster, at most so many.
    typealias Namespaces =
        @Sendable (_ cluster: String, _ limit: Int, _ deadline: ContinuousClock.Instant) async throws(AccessError) ->
        [String]

    /// Namespaces of one cluster that are asked about one by one, for somebody who may not see all of it.
    static let mostNamespaces = 500
    /// Clusters, and namespaces of one cluster, that are asked about at once.
    static let atOnce = 16

    /// By the name in the archive.
    let reviewers: [String: ClusterReviewer]
    let namespaces: Namespaces

    /// What somebody may see in a scope; nothing where no cluster is to be asked.
    ///
    /// Over all clusters, one that does not answer is left out and counted: a dead cluster must not take the others'
    /// history away, least of all on the day that it died.
    ///
    /// - Parameter identify: who they are in a cluster; nil if it does not know them.
    /// - Throws: `unavailable` if the cluster of the scope, or every one of all clusters, does not answer.
    func visibility(
        in scope: EventQuery.Scope,
        deadline: ContinuousClock.Instant,
        _ leftOut: LeftOut,
        identify: @escaping @Sendable (ClusterReviewer) async throws(AccessError) -> ReviewedUser?
    ) async throws(AccessError) -> Visibility {
        switch scope {
        case .namespace(let cluster, let namespace):
            guard let reviewer = reviewers[cluster], let user = try await identify(reviewer),
                try await reviewer.allows(user, namespace: namespace)
            else { return .only([:]) }
            return .only([cluster: .only([namespace])])
        case .cluster(let cluster):
            guard let reviewer = reviewers[cluster], let user = try await identify(reviewer),
                let seen = try await namespaces(of: reviewer, user, deadline)
            else { return .only([:]) }
            return .only([cluster: seen])
        case .everything:
            return try await everywhere(deadline, leftOut, identify)
        }
    }

    private func everywhere(
        _ deadline: ContinuousClock.Instant,
        _ leftOut: LeftOut,
        _ identify: @escaping @Sendable (ClusterReviewer) async throws(AccessError) -> ReviewedUser?
    ) async throws(AccessError) -> Visibility {
        let clusters = reviewers.keys.sorted()
        let answers = await Self.each(clusters) { cluster -> Result<NamespaceVisibility?, AccessError> in
            do throws(AccessError) {
                guard ContinuousClock.now < deadline else { throw ClusterReviewer.away }
                guard let reviewer = reviewers[cluster], let user = try await identify(reviewer) else {
                    return .success(nil)
                }
                return .success(try await namespaces(of: reviewer, user, deadline))
            } catch {
                return .failure(error)
            }
        }
        var seen: [String: NamespaceVisibility] = [:]
        var absence: AccessError?
        var missing = 0
        for (cluster, answer) in answers {
            switch answer {
            case .success(let part): seen[cluster] = part
            case .failure(let error):
                missing += 1
                if case .unavailable = error { absence = error }
            }
        }
        if seen.isEmpty, let absence { throw absence }
        leftOut.set(missing)
        return .only(seen)
    }

    /// All of a cluster for those who may list events in all namespaces; else those of the archive's namespaces in which
    /// they may. Nil for none.
    private func namespaces(
        of reviewer: ClusterReviewer,
        _ user: ReviewedUser,
        _ deadline: ContinuousClock.Instant
    ) async throws(AccessError) -> NamespaceVisibility? {
        if try await reviewer.allows(user, namespace: nil) { return .all }
        let names = try await namespaces(reviewer.cluster, Self.mostNamespaces + 1, deadline)
        guard names.count <= Self.mostNamespaces else {
            throw .forbidden(
                detail:
                    "You may not see all of this cluster, and it has more than \(Self.mostNamespaces) namespaces to "
                    + "ask about one by one. Ask for a namespace."
            )
        }
        let answers = await Self.each(names) { name -> Result<Bool, AccessError> in
            do throws(AccessError) {
                guard ContinuousClock.now < deadline else { throw ClusterReviewer.away }
                return .success(try await reviewer.allows(user, namespace: name))
            } catch {
                return .failure(error)
            }
        }
        var allowed: Set<String> = []
        for (name, answer) in answers where try answer.get() { allowed.insert(name) }
        return allowed.isEmpty ? nil : .only(allowed)
    }

    /// Does something with each name, a few at once.
    static func each<Value: Sendable>(
        _ names: [String],
        _ work: @escaping @Sendable (String) async -> Value
    ) async -> [(String, Value)] {
        await withTaskGroup(of: (String, Value).self) { group in
            var rest = names[...]
            var done: [(String, Value)] = []
            for name in rest.prefix(atOnce) { group.addTask { (name, await work(name)) } }
            rest = rest.dropFirst(atOnce)
            while let result = await group.next() {
                done.append(result)
                if let name = rest.popFirst() { group.addTask { (name, await work(name)) } }
            }
            return done
        }
    }
}

/// How many clusters an answer over all clusters lacks.
final class LeftOut: Sendable {
    private let value = Mutex(0)

    var count: Int { value.withLock { $0 } }
    func set(_ count: Int) { value.withLock { $0 = count } }
}
