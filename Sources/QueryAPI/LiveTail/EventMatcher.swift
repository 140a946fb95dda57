import EventReader
import EventSchema

/// Tells the events that a question means from the others, one by one: with the same meaning as the SQL of a page.
struct EventMatcher: Sendable, Equatable {
    private let scope: EventQuery.Scope
    private let clusters: Set<[UInt8]>?
    private let namespaces: Set<[UInt8]>?
    private let types: Set<[UInt8]>?
    private let reasons: Set<[UInt8]>?
    private let components: Set<[UInt8]>?
    private let kinds: [Kind]
    private let name: [UInt8]?
    private let text: FoldedText?
    /// What may be seen, by cluster; nil for everything. A nil set means all namespaces.
    private var visible: [[UInt8]: Set<[UInt8]>?]?

    private struct Kind: Sendable, Equatable {
        let kind: [UInt8]
        /// What the apiVersion begins with; empty for core.
        let group: [UInt8]?
    }

    init(_ query: EventQuery) {
        scope = query.scope
        switch query.scope {
        case .everything: (clusters, namespaces) = (nil, nil)
        case .cluster(let cluster): (clusters, namespaces) = ([Self.json(cluster)], nil)
        case .namespace(let cluster, let namespace):
            (clusters, namespaces) = ([Self.json(cluster)], [Self.json(namespace)])
        }
        types = Self.set(query.types)
        reasons = Self.set(query.reasons)
        components = Self.set(query.components)
        kinds = query.kinds.map { reference in
            Kind(
                kind: Self.json(reference.kind),
                // Up to the slash, without the quote behind it.
                group: reference.group.map { $0.isEmpty ? [] : Array(Self.json($0 + "/").dropLast()) }
            )
        }
        name = query.name.map { Array($0.utf8) }
        text = query.text.map { FoldedText($0) }
        visible = Self.visible(query.visibility)
    }

    /// Whether it looks into messages, which `matches` then wants folded.
    var wantsMessage: Bool { text != nil }

    /// From now on only this may be seen.
    mutating func restrict(to visibility: Visibility) {
        visible = Self.visible(visibility)
    }

    /// - Parameter message: folded; asked for only where a text is looked for.
    func matches(_ event: FedEvent, message: () -> FoldedText) -> Bool {
        if let clusters, !clusters.contains(event.cluster.bytes) { return false }
        if let namespaces, !namespaces.contains(event.namespace.bytes) { return false }
        if let visible {
            guard let seen = visible[event.cluster.bytes] else { return false }
            if let seen, !seen.contains(event.namespace.bytes) { return false }
        }
        if let types, !types.contains(event.type.bytes) { return false }
        if let reasons, !reasons.contains(event.reason.bytes) { return false }
        if let components, !components.contains(event.component.bytes) { return false }
        if !kinds.isEmpty, !kinds.contains(where: { Self.matches($0, event) }) { return false }
        if let name, name != event.name { return false }
        if let text, !message().contains(text) { return false }
        return true
    }

    private static func matches(_ kind: Kind, _ event: FedEvent) -> Bool {
        guard kind.kind == event.kind.bytes else { return false }
        guard let group = kind.group else { return true }
        let apiVersion = event.apiVersion.bytes
        return group.isEmpty ? !apiVersion.contains(UInt8(ascii: "/")) : apiVersion.starts(with: group)
    }

    /// Names are compared as they stand in JSON, byte for byte, for so the reader knows them.
    private static func json(_ text: String) -> [UInt8] { JSONText(text).bytes }

    private static func set(_ texts: [String]) -> Set<[UInt8]>? {
        texts.isEmpty ? nil : Set(texts.map { json($0) })
    }

    private static func visible(_ visibility: Visibility) -> [[UInt8]: Set<[UInt8]>?]? {
        switch visibility {
        case .everything: return nil
        case .only(let clusters):
            var visible: [[UInt8]: Set<[UInt8]>?] = [:]
            for (cluster, namespaces) in clusters {
                switch namespaces {
                case .all: visible[json(cluster)] = .some(nil)
                case .only(let names): visible[json(cluster)] = Set(names.map { json($0) })
                }
            }
            return visible
        }
    }
}
