internal import JSON
internal import Yams

extension Kubeconfig.Exec {
    init(_ entry: KubeconfigEntry) throws(KubeconfigError) {
        command = try entry.text("command")
        apiVersion = try entry.text("apiVersion")
        installHint = try entry.text("installHint")
        interactiveMode = try entry.text("interactiveMode")
        providesClusterInfo = try entry.flag("provideClusterInfo")
        for argument in try entry.list("args") {
            guard let scalar = argument.scalar else { throw entry.problem("args of exec must be texts", at: argument) }
            arguments.append(scalar.string)
        }
        for node in try entry.list("env") {
            let variable = KubeconfigEntry(node: node, path: entry.path, label: "an entry of env of exec")
            guard node.mapping != nil, let name = try variable.text("name"), !name.contains("=") else {
                throw entry.problem("an entry of env of exec has no name, or one with =", at: node)
            }
            environment[name] = try variable.text("value") ?? ""
        }
    }
}

extension KubeconfigEntry {
    /// The mapping under a key, nil if it is missing or null.
    func mapping(_ key: String) throws(KubeconfigError) -> KubeconfigEntry? {
        guard let value = value(key) else { return nil }
        guard value.mapping != nil else { throw problem("\(key) of \(label) must be a mapping", at: value) }
        return KubeconfigEntry(node: value, path: path, label: "\(key) of \(label)")
    }

    /// The elements of the list under a key; none if it is missing or null.
    func list(_ key: String) throws(KubeconfigError) -> [Node] {
        guard let value = value(key) else { return [] }
        guard let sequence = value.sequence else { throw problem("\(key) of \(label) must be a list", at: value) }
        return Array(sequence)
    }

    /// The extension of a cluster that is for exec plugins, as JSON text.
    func execConfig() throws(KubeconfigError) -> [UInt8]? {
        for node in try list("extensions") {
            let item = KubeconfigEntry(node: node, path: path, label: "an entry of extensions of \(label)")
            guard node.mapping != nil, try item.text("name") == "client.authentication.k8s.io/exec" else { continue }
            guard let content = item.value("extension") else { return nil }
            var output = JSONOutput()
            output.write(yaml: content)
            return output.bytes
        }
        return nil
    }
}

extension JSONOutput {
    /// Appends a YAML node as JSON, by the types that YAML's core schema gives to plain scalars.
    fileprivate mutating func write(yaml node: Node) {
        switch node {
        case .mapping(let mapping):
            write("{")
            for (position, member) in mapping.enumerated() {
                if position > 0 { write(",") }
                write(string: member.key.scalar?.string ?? "")
                write(":")
                write(yaml: member.value)
            }
            write("}")
        case .sequence(let sequence):
            write("[")
            for (position, element) in sequence.enumerated() {
                if position > 0 { write(",") }
                write(yaml: element)
            }
            write("]")
        case .scalar(let scalar):
            if node.null != nil {
                write("null")
            } else if let flag = node.bool {
                write(Array("\(flag)".utf8))
            } else if let integer = node.int {
                write(integer)
            } else if let number = node.float, number.isFinite {
                write(Array("\(number)".utf8))
            } else {
                write(string: scalar.string)
            }
        case .alias:
            // Composed documents have none left.
            write("null")
        }
    }
}
