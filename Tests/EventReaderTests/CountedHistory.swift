import EventModel
import JSON
import TestSupport

@testable import EventReader

/// Events over two months and some clusters, and the numbers that a look at each one of them gives.
struct CountedHistory {
    struct Entry {
        let cluster: String
        let namespace: String
        let kind: String
        let apiVersion: String
        let reason: String
        let type: String
        let component: String
        let event: Event
        var time: Int64 { event.time }
    }

    private(set) var entries: [Entry]

    static let clusters = ["blue", "green", "red"]
    static let namespaces = ["default", "shop", "kube-system", "web"]
    static let components = ["kubelet", "scheduler", "my,\"odd\" one", ""]
    static let reasons = ["BackOff", "Pulled", "Killing", "Scheduled", "Failed", ""]

    /// - Parameter seed: the same seed makes the same events.
    init(count: Int, seed: UInt64) throws {
        var random = SplitMix64(state: seed)
        entries = try (0..<count).map { try Self.entry($0, using: &random) }
    }

    private static func entry(_ number: Int, using random: inout SplitMix64) throws -> Entry {
        func any<Value>(_ values: [Value]) -> Value { values[Int.random(in: 0..<values.count, using: &random)] }
        let cluster = any(clusters)
        let namespace = any(namespaces)
        let (kind, apiVersion) = any([
            ("Pod", "v1"), ("Deployment", "apps/v1"), ("Deployment", "extensions/v1beta1"), ("Node", "v1"),
        ])
        // Rarer the further back.
        let reason = reasons[min(Int.random(in: 0..<6, using: &random), Int.random(in: 0..<6, using: &random))]
        let type = any(["Normal", "Warning", "Warning"])
        let component = any(components)
        let host = "node-\(Int.random(in: 0..<5, using: &random))"
        // Some days around the end of a month, and of a year of hours many with several events.
        let second = 1_793_318_400 + Int64.random(in: 0..<(6 * 86_400), using: &random)
        let time = time(second)
        // A new recorder fills only reportingComponent.
        let isNew = Bool.random(using: &random)
        let source =
            isNew
            ? #""source":{},"reportingComponent":\#(quoted(component)),"reportingInstance":"\#(host)""#
            : #""source":{"component":\#(quoted(component)),"host":"\#(host)"},"reportingComponent":"""#
        let event = try Event(
            json: """
                {"metadata":{"name":"a.18e9ed4676dad990","namespace":"\(namespace)","uid":"uid-\(number)",
                "resourceVersion":"\(number)","creationTimestamp":\(time)},
                "involvedObject":{"kind":"\(kind)","namespace":"\(namespace)","name":"a","apiVersion":"\(apiVersion)"},
                "reason":"\(reason)","message":"text",\(source),"count":\(number % 9 + 1),
                "firstTimestamp":\(time),"lastTimestamp":\(time),"type":"\(type)","eventTime":null}
                """
        )
        return Entry(
            cluster: cluster,
            namespace: namespace,
            kind: kind,
            apiVersion: apiVersion,
            reason: reason,
            type: type,
            component: component,
            event: event
        )
    }

    private static func time(_ second: Int64) -> String {
        var output = JSONOutput()
        output.write(timestamp: second * 1_000_000, form: .seconds)
        return String(decoding: output.bytes, as: UTF8.self)
    }

    private static func quoted(_ text: String) -> String {
        var output = JSONOutput()
        output.write(string: text)
        return String(decoding: output.bytes, as: UTF8.self)
    }

    /// Only some of the entries, by their place.
    mutating func keep(_ isKept: (Int) -> Bool) {
        entries = entries.indices.filter(isKept).map { entries[$0] }
    }

    /// The numbers that the archive has to answer with.
    func answer(to query: StatsQuery) -> EventStats {
        var numbers: [String: [Int64]] = [:]
        let starts = query.bucketStarts
        for entry in entries where Self.matches(entry, query) {
            let key =
                switch query.key {
                case .type: entry.type
                case .reason: entry.reason
                case .kind: entry.kind
                case .namespace: entry.namespace
                case .cluster: entry.cluster
                case .component: entry.component
                }
            guard let place = starts.lastIndex(where: { $0 <= entry.time }) else { continue }
            numbers[key, default: Array(repeating: 0, count: starts.count)][place] += 1
        }
        let sorted = numbers.sorted { one, other in
            let (total, otherTotal) = (one.value.reduce(0, +), other.value.reduce(0, +))
            return total == otherTotal ? one.key < other.key : total > otherTotal
        }
        var rows: [(Int64, String?, Int64)] = []
        for (place, start) in starts.enumerated() {
            for (key, points) in sorted.prefix(query.top) where points[place] > 0 {
                rows.append((start, key, points[place]))
            }
            let rest = sorted.dropFirst(query.top).reduce(0) { $0 + $1.value[place] }
            if rest > 0 { rows.append((start, nil, rest)) }
        }
        return EventStats(query, rows: rows)
    }

    private static func matches(_ entry: Entry, _ query: StatsQuery) -> Bool {
        switch query.scope {
        case .everything: break
        case .cluster(let cluster): if entry.cluster != cluster { return false }
        case .namespace(let cluster, let namespace):
            if entry.cluster != cluster || entry.namespace != namespace { return false }
        }
        let group = entry.apiVersion.contains("/") ? String(entry.apiVersion.prefix { $0 != "/" }) : ""
        return query.visibility.includes(cluster: entry.cluster, namespace: entry.namespace)
            && entry.time >= query.since && entry.time < query.until
            && (query.types.isEmpty || query.types.contains(entry.type))
            && (query.reasons.isEmpty || query.reasons.contains(entry.reason))
            && (query.components.isEmpty || query.components.contains(entry.component))
            && (query.kinds.isEmpty
                || query.kinds.contains { $0.kind == entry.kind && ($0.group.map { $0 == group } ?? true) })
    }
}
