internal import Yams

/// What a YAML file says to this program: the keys under `kee:`, and `clusterName`.
///
/// All else in the file is the configuration of kubernetes-event-exporter, and is left alone here.
struct ConfigurationFile: Sendable, Equatable {
    /// In bytes; a larger file is refused.
    static let sizeBound = 1024 * 1024

    struct Entry: Sendable, Equatable {
        let key: String
        /// Counted from 1.
        let line: Int
        let value: Value
    }

    enum Value: Sendable, Equatable {
        case null
        case scalar(String)
        /// Nil for an item that is no scalar.
        case list([String?])
        case mapping
    }

    let path: String
    let entries: [Entry]
    /// The exporter's own setting, not yet expanded.
    let clusterName: Entry?

    /// - Throws: ``SettingError`` with file and line when it is no YAML, or `kee:` is no mapping.
    init(path: String, text: String) throws(SettingError) {
        self.path = path
        guard let root = try Self.root(path: path, text: text) else {
            entries = []
            clusterName = nil
            return
        }
        guard case .mapping(let mapping) = root else {
            throw SettingError("\(path):\(Self.line(root)): the file must hold keys with values, such as 'kee:'")
        }
        var entries: [Entry] = []
        var clusterName: Entry?
        for (key, node) in mapping {
            switch key.string {
            case "kee": entries = try Self.entries(node, path: path)
            case "clusterName":
                if case .scalar = Self.value(node) {
                    clusterName = Entry(key: "clusterName", line: Self.line(key), value: Self.value(node))
                }
            default: continue
            }
        }
        self.entries = entries
        self.clusterName = clusterName
    }

    private static func entries(_ node: Node, path: String) throws(SettingError) -> [Entry] {
        if value(node) == .null { return [] }
        guard case .mapping(let mapping) = node else {
            throw SettingError(
                "\(path):\(line(node)): 'kee:' must hold keys with values, such as 'listen: 127.0.0.1:8080'"
            )
        }
        var entries: [Entry] = []
        for (key, node) in mapping {
            guard let name = key.string else {
                throw SettingError("\(path):\(line(key)): a key under 'kee:' must be the name of a setting")
            }
            entries.append(Entry(key: name, line: line(key), value: value(node)))
        }
        return entries
    }

    private static func value(_ node: Node) -> Value {
        switch node {
        case .scalar(let scalar):
            let isNull = scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
            return isNull ? .null : .scalar(scalar.string)
        case .sequence(let sequence): return .list(sequence.map { $0.scalar?.string })
        case .mapping, .alias: return .mapping
        }
    }

    private static func line(_ node: Node) -> Int { node.mark?.line ?? 1 }

    private static func root(path: String, text: String) throws(SettingError) -> Node? {
        do {
            return try compose(yaml: text)
        } catch let error as YamlError {
            throw SettingError(describe(error, path: path))
        } catch {
            throw SettingError("\(path): this is no YAML: \(error)")
        }
    }

    private static func describe(_ error: YamlError, path: String) -> String {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            "\(path):\(mark.line): this is no YAML: \(problem)"
        case .duplicatedKeysInMapping(let duplicates, let context):
            "\(path):\(context.mark.line): key given twice: \(duplicates.joined(separator: ", "))"
        default:
            "\(path): this is no YAML"
        }
    }
}
