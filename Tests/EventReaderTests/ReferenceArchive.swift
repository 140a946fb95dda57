import EventModel
import EventReader
import JSON
import TestSupport

/// Made-up events over months, clusters and namespaces, and the answers that a look at each one of them gives. What an
/// event says is kept as numbers of the texts below, so that fifty thousand are looked at in some milliseconds.
struct ReferenceArchive {
    /// One observation.
    struct Entry {
        var time: Int64
        var id: Int64
        /// Also its resourceVersion.
        var number: Int
        var place: Int
        var kind: Int
        var name: Int
        var reason: Int
        var type: Int
        var component: Int
        var message: Int
        /// The Event that it is an observation of.
        var object: Int
        /// When the next observation of the same Event was; nil for the last.
        var next: Int64?
    }

    struct Place: Hashable {
        let cluster: String
        let namespace: String
    }

    static let clusters = ["blue", "green", "wide"]
    /// Few, some, and more than are read one by one.
    static let places: [Place] =
        ["default", "shop", "kube-system"].map { Place(cluster: "blue", namespace: $0) }
        + ["default", "shop", "a", "b", "c"].map { Place(cluster: "green", namespace: $0) }
        + (0..<90).map { Place(cluster: "wide", namespace: "ns-\($0)") }
    static let kinds = [("Pod", "v1"), ("Deployment", "apps/v1"), ("Deployment", "extensions/v1beta1"), ("Node", "v1")]
    static let names = (0..<300).map { "web-\($0)" }
    static let reasons = ["BackOff", "Pulled", "Killing", "FailedScheduling", "backoff", "Rare"]
    static let types = ["Normal", "Warning", "Alarm"]
    static let components = ["kubelet", "scheduler", "controller-manager", "ingress", "Kubelet", ""]
    /// Events of no kubelet: what shows as component comes from either of two fields.
    static let sources: [(component: String, reporting: String)] = [
        ("kubelet", "kubelet"), ("", "scheduler"), ("controller-manager", "other"), ("ingress", ""), ("Kubelet", "x"),
        ("", ""),
    ]
    static let messages = [
        "Back-off restarting failed container", "BACK-OFF restarting 100% of_it", "back-off", "path C:\\temp\\new",
        "under_score", "underXscore", "100 percent", "100% percent", "ÄRGER mit Öl", "Ärger mit öl", "\u{212A}elvin",
        "kelvin", "\u{1F600} smile", "Pulled image \"a/b:1\" in 1.2s", "a\nb\tc", "0", "'; DROP TABLE kee.event; --",
    ]
    static let start: Int64 = 1_780_272_000_000_000  // 2026-06-01T00:00:00Z

    /// In the order of time and id.
    private(set) var entries: [Entry] = []
    private(set) var events: [[Event]] = Array(repeating: [], count: clusters.count)

    /// - Parameter seed: the same seed makes the same events.
    init(count: Int, seed: UInt64) throws {
        var random = SplitMix64(state: seed)
        var object = 0
        var clusterOf: [Int: String] = [:]
        while entries.count < count {
            object += 1
            var entry = Entry(
                time: 0,
                id: 0,
                number: 0,
                place: Self.place(using: &random),
                kind: Int.random(in: 0..<Self.kinds.count, using: &random),
                name: Int.random(in: 0..<Self.names.count, using: &random),
                reason: Int.random(in: 0..<500, using: &random) == 0 ? 5 : Int.random(in: 0..<5, using: &random),
                type: Int.random(in: 0..<Self.types.count, using: &random),
                component: Int.random(in: 0..<Self.components.count, using: &random),
                message: Int.random(in: 0..<Self.messages.count, using: &random),
                object: object
            )
            // Canonical, in another form, shared with an Event of another cluster, or none: such a one stands alone.
            let uid: String? =
                switch object % 20 {
                case 0: nil
                case 1: "uid-\(object)"
                case 2 where clusterOf[object - 10] != Self.places[entry.place].cluster: Self.uuid(object - 10)
                default: Self.uuid(object)
                }
            clusterOf[object] = Self.places[entry.place].cluster
            let observations = uid == nil ? 1 : [1, 1, 2, 3, 8].randomElement(using: &random) ?? 1
            for _ in 0..<observations {
                entry.time = Self.time(using: &random)
                entry.number = entries.count + 1
                // A message counts on from one observation to the next.
                if Bool.random(using: &random) {
                    entry.message = Int.random(in: 0..<Self.messages.count, using: &random)
                }
                let (event, cluster) = (try Self.event(entry, uid: uid), Self.places[entry.place].cluster)
                entry.id = EventIdentity.observation(event, cluster: cluster)
                entries.append(entry)
                events[Self.clusters.firstIndex(of: cluster) ?? 0].append(event)
            }
        }
        entries.sort { ($0.time, $0.id) < ($1.time, $1.id) }
        var next: [Int: Int64] = [:]
        for index in entries.indices.reversed() {
            entries[index].next = next[entries[index].object]
            next[entries[index].object] = entries[index].time
        }
    }

    /// A third in each cluster; half of a cluster's in its first namespace.
    private static func place(using random: inout SplitMix64) -> Int {
        let cluster = clusters.randomElement(using: &random)
        let places = places.indices.filter { self.places[$0].cluster == cluster }
        return Bool.random(using: &random) ? places[0] : places.randomElement(using: &random) ?? 0
    }

    /// Few seconds and many events, so that times are often equal; most of them in the last of five months.
    static func time(using random: inout SplitMix64) -> Int64 {
        let day = [3, 40, 70, 100, 130, 130, 131, 135].randomElement(using: &random) ?? 0
        return start + Int64(day) * 86_400_000_000 + Int64.random(in: 0..<300, using: &random) * 1_000_000
    }

    private static func uuid(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return "0f5a2f30-6f0b-4d0c-9d5e-" + String(repeating: "0", count: 12 - digits.count) + digits
    }

    private static func event(_ entry: Entry, uid: String?) throws -> Event {
        let place = places[entry.place]
        let source = sources[entry.component]
        let kind = kinds[entry.kind]
        var output = JSONOutput(capacity: 1_024)
        let names = #""name":"n","namespace":"\#(place.namespace)","resourceVersion":"\#(entry.number)""#
        output.write(#"{"metadata":{\#(names)"#.utf8)
        if let uid { output.write(#","uid":"\#(uid)""#.utf8) }
        output.write(#","creationTimestamp":"#)
        output.write(timestamp: entry.time, form: .seconds)
        let object = #""kind":"\#(kind.0)","apiVersion":"\#(kind.1)","name":"\#(self.names[entry.name])""#
        output.write(#"},"involvedObject":{\#(object)},"reason":"\#(reasons[entry.reason])""#.utf8)
        output.write(#","type":"\#(types[entry.type])","message":"#.utf8)
        output.write(string: messages[entry.message])
        let reporter = #""component":"\#(source.component)","host":"node-\#(entry.number % 30)""#
        output.write(#","source":{\#(reporter)},"reportingComponent":"\#(source.reporting)"}"#.utf8)
        return try Event(JSONDocument(parsing: output.bytes).root, isKnownEvent: true)
    }
}
