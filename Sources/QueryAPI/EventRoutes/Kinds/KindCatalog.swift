internal import EventReader
internal import EventSchema

/// Finds the kind that a text means, as kubectl would: singular, plural, short name or kind, in any letter case, alone
/// or with its group, or version and group, behind it.
///
/// It knows the kinds of Kubernetes itself and those that the archive has seen. Of the latter only the kind is known, so
/// their plurals are those of English: `certificates`, `policies`, `ingresses`.
struct KindCatalog: Sendable {
    private struct Entry: Sendable, Hashable {
        let kind: String
        let group: String
    }

    private var entries: [String: [Entry]]

    static let builtIn = KindCatalog(builtIn: BuiltInKind.all)

    private init(builtIn: [BuiltInKind]) {
        entries = [:]
        for resource in builtIn {
            let entry = Entry(kind: resource.kind, group: resource.group)
            for spelling in resource.spellings { add(entry, as: spelling) }
        }
    }

    /// The built-in kinds, and those that were seen.
    init(seen: [ObjectKind]) {
        self = .builtIn
        for object in seen where !object.kind.isEmpty {
            let entry = Entry(kind: object.kind, group: String(object.group))
            for spelling in Self.spellings(of: object.kind.lowercased()) { add(entry, as: spelling) }
        }
    }

    private mutating func add(_ entry: Entry, as spelling: String) {
        guard entries[spelling]?.contains(entry) != true else { return }
        entries[spelling, default: []].append(entry)
    }

    /// The kind, and its plural by the rules of English and by those that Kubernetes' tools guess with.
    private static func spellings(of kind: String) -> [String] {
        var spellings = [kind, kind + "s"]
        if ["s", "x", "z", "ch", "sh"].contains(where: kind.hasSuffix) { spellings.append(kind + "es") }
        if kind.hasSuffix("y") { spellings.append(kind.dropLast() + "ies") }
        return spellings
    }

    /// What a text means, nil if it is no kind.
    ///
    /// Without a group it means the kind in any group, since many events leave out the group of the object. With one it
    /// means that group exactly, or the groups that begin with it, which kubectl takes too.
    func kinds(for text: String) -> [KindReference]? {
        let (resource, qualifier) = text.lowercased().splitAtFirstDot
        guard let entries = entries[resource] else { return nil }
        guard let qualifier else {
            return entries.map { KindReference(kind: $0.kind) }.withoutDoubles
        }
        let (version, group) = qualifier.splitAtFirstDot
        var matches = entries.filter { $0.group == qualifier && !qualifier.isEmpty }
        if matches.isEmpty, let group, Self.isVersion(version) {
            matches = entries.filter { $0.group == group }
        }
        if matches.isEmpty, !qualifier.isEmpty {
            matches = entries.filter { $0.group.hasPrefix(qualifier) }
        }
        return matches.isEmpty ? nil : matches.map { KindReference(kind: $0.kind, group: $0.group) }.withoutDoubles
    }

    /// `v1`, `v2beta3`. Source: the Kubernetes API conventions.
    private static func isVersion(_ text: String) -> Bool {
        guard text.hasPrefix("v") else { return false }
        var rest = text.dropFirst()
        func dropDigits() -> Bool {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            return !digits.isEmpty
        }
        guard dropDigits() else { return false }
        if rest.isEmpty { return true }
        guard rest.hasPrefix("alpha") || rest.hasPrefix("beta") else { return false }
        rest = rest.dropFirst(rest.hasPrefix("alpha") ? 5 : 4)
        return dropDigits() && rest.isEmpty
    }
}

extension [KindReference] {
    /// Each once, in order.
    var withoutDoubles: [KindReference] {
        var seen: Set<KindReference> = []
        return filter { seen.insert($0).inserted }
    }

    /// What both mean; a kind of any group and the same kind of one group both mean the latter.
    func intersection(_ others: [KindReference]) -> [KindReference] {
        flatMap { one in
            others.compactMap { other -> KindReference? in
                guard one.kind == other.kind else { return nil }
                guard let group = one.group else { return other }
                return other.group == nil || other.group == group ? one : nil
            }
        }.withoutDoubles
    }
}
