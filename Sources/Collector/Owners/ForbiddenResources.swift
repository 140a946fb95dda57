import KubernetesAPI

/// Which resources the collector may not read, in which namespaces, so that a refusal costs one request and not one for
/// each object.
struct ForbiddenResources {
    /// What a refusal means.
    enum Verdict: Equatable {
        /// Perhaps a server that is just starting: a rightful reader gets 403 for some 40 ms then.
        case doubtful
        /// It stands, and is to be told of.
        case forbidden(isNews: Bool)
    }

    private struct Place: Hashable {
        let resource: APIResource
        let namespace: String
    }

    private struct Refusal {
        var first: ContinuousClock.Instant
        var until: ContinuousClock.Instant?
    }

    private var refusals: [Place: Refusal] = [:]
    private var told: Set<APIResource> = []

    /// After which a refusal is asked about again.
    static let age = Duration.seconds(600)
    /// A refusal that comes again after as long is none of a server that starts.
    static let doubt = Duration.seconds(1)
    /// Places; beyond it all are forgotten and asked for again.
    static let limit = 1_000

    func isForbidden(_ resource: APIResource, in namespace: String, at now: ContinuousClock.Instant) -> Bool {
        refusals[Place(resource: resource, namespace: namespace)]?.until.map { now < $0 } ?? false
    }

    mutating func refused(
        _ resource: APIResource,
        in namespace: String,
        at now: ContinuousClock.Instant
    ) -> Verdict {
        let place = Place(resource: resource, namespace: namespace)
        if refusals[place] == nil, refusals.count >= Self.limit { refusals = [:] }
        var refusal = refusals[place] ?? Refusal(first: now)
        guard now - refusal.first >= Self.doubt || told.contains(resource) else {
            refusals[place] = refusal
            return .doubtful
        }
        refusal.until = now + Self.age
        refusals[place] = refusal
        if told.count >= Self.limit { told = [] }
        return .forbidden(isNews: told.insert(resource).inserted)
    }

    mutating func allowed(_ resource: APIResource, in namespace: String) {
        guard !refusals.isEmpty else { return }
        refusals[Place(resource: resource, namespace: namespace)] = nil
        told.remove(resource)
    }
}
