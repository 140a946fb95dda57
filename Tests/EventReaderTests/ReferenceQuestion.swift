import EventReader
import TestSupport

/// A random question, and how a look at each event answers it.
struct ReferenceQuestion {
    var query: EventQuery
    let limit: Int

    private typealias Archive = ReferenceArchive

    /// - Parameter random: the same numbers ask the same.
    init(using random: inout SplitMix64) {
        func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
        func some(_ texts: [String], _ most: Int) -> [String] {
            (0..<Int.random(in: 1...most, using: &random)).map { _ in texts.randomElement(using: &random) ?? "" }
        }
        let place = Archive.places.randomElement(using: &random) ?? Archive.places[0]
        let scopes: [EventQuery.Scope] = [
            .everything, .cluster(place.cluster), .namespace(cluster: place.cluster, namespace: place.namespace),
        ]
        query = EventQuery(scopes.randomElement(using: &random) ?? .everything)
        query.order = Bool.random(using: &random) ? .newestFirst : .oldestFirst
        if chance(40) { query.view = .latest }
        if chance(30) { query.types = some(Archive.types + ["Gone"], 2) }
        if chance(30) { query.reasons = some(Archive.reasons + ["Gone", "gone"], 4) }
        if chance(25) {
            query.kinds = (0..<Int.random(in: 1...2, using: &random)).map { _ in
                let kind = (Archive.kinds + [("Gone", "v1")]).randomElement(using: &random) ?? ("", "")
                let group = kind.1.contains("/") ? String(kind.1.prefix { $0 != "/" }) : ""
                return KindReference(kind: kind.0, group: Bool.random(using: &random) ? group : nil)
            }
        }
        if chance(30) { query.components = some(Archive.components + ["gone"], 2) }
        if chance(15) { query.name = (Archive.names + ["nobody"]).randomElement(using: &random) }
        if chance(30) { query.text = Self.text(using: &random) }
        if chance(30) { query.since = Self.bound(using: &random) }
        if chance(30) { query.until = Self.bound(using: &random) }
        if chance(50) { query.visibility = Self.visibility(using: &random) }
        limit = [1, 2, 7, 50, 64, 65, 100, 333, 1000].randomElement(using: &random) ?? 100
    }

    /// A piece of a message with the case of its letters changed, or what SQL would take for something else.
    private static func text(using random: inout SplitMix64) -> String {
        if Int.random(in: 0..<4, using: &random) == 0 {
            return ["%", "_", "\\", "100%", "Back_off", "%of%", "ärger", "k", "ö", "'"].randomElement(using: &random)
                ?? ""
        }
        let message = Array(Archive.messages.randomElement(using: &random) ?? "")
        let from = Int.random(in: 0..<message.count, using: &random)
        let piece = message[from..<Int.random(in: (from + 1)...message.count, using: &random)]
        return String(piece.map { Bool.random(using: &random) && $0.isASCII ? Character($0.uppercased()) : $0 })
    }

    /// At an event, beside one, between months, or where nothing is.
    private static func bound(using random: inout SplitMix64) -> Int64 {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: Archive.start + 30 * 86_400_000_000
        case 1: Archive.start - 1
        case 2: Archive.start + 4_000 * 86_400_000_000
        default: Archive.time(using: &random) + Int64.random(in: -1...1, using: &random)
        }
    }

    static func visibility(using random: inout SplitMix64) -> Visibility {
        var clusters: [String: NamespaceVisibility] = [:]
        for cluster in Archive.clusters + ["unknown"] {
            let namespaces = Archive.places.filter { $0.cluster == cluster }.map(\.namespace) + ["unknown"]
            switch Int.random(in: 0..<5, using: &random) {
            case 0: continue
            case 1: clusters[cluster] = .all
            case 2: clusters[cluster] = .only(Set(namespaces))
            default:
                let count = Int.random(in: 0...min(5, namespaces.count), using: &random)
                clusters[cluster] = .only(Set(namespaces.shuffled(using: &random).prefix(count)))
            }
        }
        return .only(clusters)
    }

    /// The events in the order in which the archive has to give them.
    func answer(from archive: ReferenceArchive) -> [ReferenceArchive.Entry] {
        let isPlace = Archive.places.map { place in
            switch query.scope {
            case .everything: break
            case .cluster(let cluster): if place.cluster != cluster { return false }
            case .namespace(let cluster, let namespace):
                if place.cluster != cluster || place.namespace != namespace { return false }
            }
            return query.visibility.includes(cluster: place.cluster, namespace: place.namespace)
        }
        let isKind = Archive.kinds.map { kind, version in
            let group = version.contains("/") ? String(version.prefix { $0 != "/" }) : ""
            return query.kinds.isEmpty
                || query.kinds.contains { $0.kind == kind && ($0.group.map { $0 == group } ?? true) }
        }
        let isName = Archive.names.map { name in query.name.map { $0 == name } ?? true }
        let isReason = Archive.reasons.map { query.reasons.isEmpty || query.reasons.contains($0) }
        let isType = Archive.types.map { query.types.isEmpty || query.types.contains($0) }
        let isComponent = Archive.components.map { query.components.isEmpty || query.components.contains($0) }
        let isMessage = Archive.messages.map { message in query.text.map { Self.contains(message, $0) } ?? true }
        let (since, until) = (query.since ?? .min, query.until ?? .max)
        let isLatest = query.view == .latest
        var found: [ReferenceArchive.Entry] = []
        for entry in archive.entries where entry.time >= since && entry.time < until {
            if isPlace[entry.place], isKind[entry.kind], isName[entry.name], isReason[entry.reason], isType[entry.type],
                isComponent[entry.component], isMessage[entry.message], !isLatest || (entry.next ?? .max) >= until
            {
                found.append(entry)
            }
        }
        return query.order == .newestFirst ? found.reversed() : found
    }

    private static func contains(_ message: String, _ text: String) -> Bool {
        func folded(_ text: String) -> [UInt8] { text.utf8.map { (65...90).contains($0) ? $0 + 32 : $0 } }
        let (message, text) = (folded(message), folded(text))
        guard message.count >= text.count else { return false }
        return (0...(message.count - text.count)).contains { Array(message[$0..<($0 + text.count)]) == text }
    }
}
