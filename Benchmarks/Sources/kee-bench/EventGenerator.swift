import EventModel
import JSON

/// Events of one cluster, as one batch of a collector.
struct GeneratedBatch {
    static let size = 1_000

    let cluster: String
    let events: [Event]
    /// Microseconds since 1970: no other batch of this cluster has events here.
    let times: Range<Int64>
}

/// Makes events that look like those of real clusters: as skewed, as long, with the same columns empty.
///
/// All lie in one month, each cluster's in order of time, as a watch delivers them.
struct EventGenerator {
    private var random = RandomSource(seed: 20_261_003)
    private let clusters = GeneratedCluster.all
    private let templateChoice = WeightedChoice(EventTemplate.all.map(\.weight))
    /// Where each cluster's next batch begins, in seconds since 1970.
    private var clocks: [Int64]
    /// How many batches of each cluster have been made.
    private var made: [Int]
    /// How many seconds a batch of each cluster spans.
    private let spans: [Int64]
    private var resourceVersion: Int64 = 410_000_000

    /// 2026-10-02T00:00:00Z.
    static let start: Int64 = 1_790_899_200
    private static let length: Int64 = 27 * 86_400

    /// - Parameter events: how many are going to be made.
    init(events: Int) {
        clocks = clusters.map { _ in Self.start }
        made = clusters.map { _ in 0 }
        spans = clusters.map { cluster in
            let batches = Double(events) / Double(GeneratedBatch.size) * cluster.share
            return max(1, Int64(Double(Self.length) / (batches + 1)))
        }
    }

    mutating func batch() throws -> GeneratedBatch {
        // Whoever lags behind its share most, so that all come to the end of the month together.
        let total = Double(made.reduce(1, +))
        let lags = clusters.indices.map { clusters[$0].share * total - Double(made[$0]) }
        let index = lags.indices.max { lags[$0] < lags[$1] } ?? 0
        made[index] += 1
        let (start, span) = (clocks[index], spans[index])
        clocks[index] += span
        var events: [Event] = []
        for number in 0..<GeneratedBatch.size {
            let second = start + span * Int64(number) / Int64(GeneratedBatch.size)
            let body = event(of: clusters[index], at: second)
            events.append(try Event(JSONDocument(parsing: body).root))
        }
        return GeneratedBatch(
            cluster: clusters[index].name,
            events: events,
            times: (start * 1_000_000)..<((start + span) * 1_000_000)
        )
    }

    private mutating func event(of cluster: GeneratedCluster, at second: Int64) -> [UInt8] {
        let scene = cluster.scene(&random)
        let template = EventTemplate.all[templateChoice.index(&random)]
        let object =
            switch template.kind {
            case "Pod": "\(scene.application)-\(scene.object % 7)c9f8d-x\(scene.object)"
            case "ReplicaSet": "\(scene.application)-\(scene.object % 7)c9f8d"
            default: scene.application
            }
        resourceVersion += Int64(1 + random.below(40))
        let count = template.repetition == 0 ? 1 : 1 + random.below(template.repetition)
        let place = EventTemplate.Place(
            namespace: scene.namespace,
            object: object,
            node: scene.node,
            container: Self.containers[random.below(Self.containers.count)],
            image: "registry.example.com/\(scene.namespace)/\(scene.application):v1.\(scene.object % 9)",
            number: 100 + random.below(900),
            uid: random.uuid()
        )
        return GeneratedEvent(
            template: template,
            place: place,
            name: object + "." + random.hexadecimal(16),
            uid: random.uuid(),
            resourceVersion: resourceVersion,
            microseconds: second * 1_000_000
                + (template.component == "default-scheduler" ? Int64(random.below(999_999)) : 0),
            count: count
        ).json
    }

    private static let containers = ["app", "istio-proxy", "sidecar", "nginx", "main", "worker"]
}
