import EventModel
import EventReader
import JSON
import TestSupport

/// Events over some months and clusters, and the answers that a look at each one of them gives.
struct SampleHistory {
    struct Entry {
        let cluster: String
        let event: Event
        let namespace: String
        let kind: String
        let apiVersion: String
        let name: String
        let reason: String
        let type: String
        let id: Int64
        var time: Int64 { event.time }
    }

    let entries: [Entry]

    /// - Parameter seed: the same seed makes the same events.
    init(count: Int, seed: UInt64) throws {
        var random = SplitMix64(state: seed)
        let kinds = [("Pod", "v1"), ("Deployment", "apps/v1"), ("Deployment", "extensions/v1beta1"), ("Node", "v1")]
        entries = try (0..<count).map { number in
            let cluster = ["blue", "green", "red"][Int.random(in: 0..<3, using: &random)]
            let namespace = ["default", "shop", "kube-system"][Int.random(in: 0..<3, using: &random)]
            let kind = kinds.randomElement(using: &random) ?? kinds[0]
            let name = "web-\(Int.random(in: 0..<5, using: &random))"
            let reason = ["BackOff", "Pulled", "Killing"].randomElement(using: &random) ?? ""
            let type = Bool.random(using: &random) ? "Normal" : "Warning"
            // Few seconds and many events, so that times are often equal; most of them in the last month.
            let month = [9, 10, 11, 11, 11, 11].randomElement(using: &random) ?? 11
            let second = Int.random(in: 10..<60, using: &random)
            let day = Int.random(in: 10...28, using: &random)
            let event = try Event.sample(
                number,
                namespace: namespace,
                kind: kind.0,
                apiVersion: kind.1,
                name: name,
                reason: reason,
                type: type,
                time: "2026-\(month < 10 ? "0" : "")\(month)-\(day)T00:00:\(second)Z"
            )
            return Entry(
                cluster: cluster,
                event: event,
                namespace: namespace,
                kind: kind.0,
                apiVersion: kind.1,
                name: name,
                reason: reason,
                type: type,
                id: EventIdentity.observation(event, cluster: cluster)
            )
        }
    }

    /// The uids in the order in which the archive has to answer.
    func answer(to query: EventQuery) -> [String] {
        let matching = entries.filter { entry in
            switch query.scope {
            case .everything: break
            case .cluster(let cluster): if entry.cluster != cluster { return false }
            case .namespace(let cluster, let namespace):
                if entry.cluster != cluster || entry.namespace != namespace { return false }
            }
            let group = entry.apiVersion.contains("/") ? String(entry.apiVersion.prefix { $0 != "/" }) : ""
            return (query.since.map { entry.time >= $0 } ?? true)
                && (query.until.map { entry.time < $0 } ?? true)
                && (query.types.isEmpty || query.types.contains(entry.type))
                && (query.reasons.isEmpty || query.reasons.contains(entry.reason))
                && (query.kinds.isEmpty
                    || query.kinds.contains { $0.kind == entry.kind && ($0.group.map { $0 == group } ?? true) })
                && (query.name.map { $0 == entry.name } ?? true)
        }
        let sorted = matching.sorted { ($0.time, $0.id) > ($1.time, $1.id) }
        let ordered = query.order == .newestFirst ? sorted : sorted.reversed()
        return ordered.map { $0.event.metadata?.uid?.string ?? "" }
    }
}
