internal import Yams

extension Kubeconfig {
    /// Reads the YAML (or JSON, which is YAML) of a kubeconfig. Keys that are not known are passed over.
    ///
    /// - Parameter path: the file it came from, for messages and relative paths.
    /// - Throws: `KubeconfigError` with the line of what cannot be understood.
    public init(parsing yaml: String, path: String) throws(KubeconfigError) {
        let root: Node?
        do {
            root = try Yams.compose(yaml: yaml)
        } catch {
            throw KubeconfigError(path: path, line: Self.line(of: error), problem: "it is not valid YAML")
        }
        guard let root, root.mapping != nil else {
            throw KubeconfigError(path: path, line: nil, problem: "it is empty, or not a mapping of keys to values")
        }
        let entry = KubeconfigEntry(node: root, path: path, label: "the file")
        paths = [path]
        currentContext = try entry.text("current-context")
        clusters = try entry.named("clusters", under: "cluster") { entry throws(KubeconfigError) in
            try Cluster(entry)
        }
        users = try entry.named("users", under: "user") { entry throws(KubeconfigError) in try User(entry) }
        contexts = try entry.named("contexts", under: "context") { entry throws(KubeconfigError) in
            try Context(entry)
        }
    }

    private static func line(of error: any Error) -> Int? {
        switch error as? YamlError {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): mark.line
        default: nil
        }
    }
}

extension Kubeconfig.Cluster {
    fileprivate init(_ entry: KubeconfigEntry) throws(KubeconfigError) {
        server = try entry.text("server")
        certificateAuthority = try entry.text("certificate-authority")
        certificateAuthorityData = try entry.text("certificate-authority-data")
        insecureSkipTLSVerify = try entry.flag("insecure-skip-tls-verify")
        tlsServerName = try entry.text("tls-server-name")
        proxyURL = try entry.text("proxy-url")
        execConfig = try entry.execConfig()
    }
}

extension Kubeconfig.User {
    private static let unsupportedKeys = [
        "auth-provider", "username", "password", "as", "as-uid", "as-groups", "as-user-extra",
    ]

    fileprivate init(_ entry: KubeconfigEntry) throws(KubeconfigError) {
        token = try entry.text("token")
        tokenFile = try entry.text("tokenFile")
        clientCertificate = try entry.text("client-certificate")
        clientCertificateData = try entry.text("client-certificate-data")
        clientKey = try entry.text("client-key")
        clientKeyData = try entry.text("client-key-data")
        exec = try entry.mapping("exec").map { entry throws(KubeconfigError) in try Kubeconfig.Exec(entry) }
        unsupported = Self.unsupportedKeys.filter { entry.has($0) }
    }
}

extension Kubeconfig.Context {
    fileprivate init(_ entry: KubeconfigEntry) throws(KubeconfigError) {
        cluster = try entry.text("cluster")
        user = try entry.text("user")
        namespace = try entry.text("namespace")
    }
}

/// A mapping of the file, with what is needed to say where it stands.
struct KubeconfigEntry {
    let node: Node
    let path: String
    let label: String

    func value(_ key: String) -> Node? {
        guard let value = node.mapping?[Node(key)], value.null == nil else { return nil }
        return value
    }

    func has(_ key: String) -> Bool { value(key) != nil }

    func problem(_ text: String, at node: Node) -> KubeconfigError {
        KubeconfigError(path: path, line: node.mark?.line ?? self.node.mark?.line, problem: text)
    }

    /// The text of a key, nil if it is missing, null or empty.
    func text(_ key: String) throws(KubeconfigError) -> String? {
        guard let value = value(key) else { return nil }
        guard let scalar = value.scalar else { throw problem("\(key) of \(label) must be a text", at: value) }
        return scalar.string.isEmpty ? nil : scalar.string
    }

    func flag(_ key: String) throws(KubeconfigError) -> Bool {
        guard let value = value(key) else { return false }
        guard let flag = value.bool else { throw problem("\(key) of \(label) must be true or false", at: value) }
        return flag
    }

    /// The entries of a list of `{name: ..., <key>: {...}}`. Of entries with the same name the first counts.
    func named<Value>(
        _ list: String,
        under key: String,
        _ read: (KubeconfigEntry) throws(KubeconfigError) -> Value
    ) throws(KubeconfigError) -> [Kubeconfig.Named<Value>] {
        guard let nodes = value(list) else { return [] }
        guard let sequence = nodes.sequence else { throw problem("\(list) must be a list", at: nodes) }
        var result: [Kubeconfig.Named<Value>] = []
        for node in sequence {
            let item = KubeconfigEntry(node: node, path: path, label: "an entry of \(list)")
            guard node.mapping != nil, let name = try item.text("name") else {
                throw problem("an entry of \(list) has no name", at: node)
            }
            guard !result.contains(where: { $0.name == name }) else { continue }
            // A user without any key is written as `user: {}` or left out.
            let content = item.value(key) ?? Node.mapping(Node.Mapping([]))
            guard content.mapping != nil else {
                throw problem("\(key) of \(list) entry \"\(name)\" must be a mapping", at: content)
            }
            let inner = KubeconfigEntry(node: content, path: path, label: "\(key) \"\(name)\"")
            result.append(
                Kubeconfig.Named(name: name, value: try read(inner), path: path, line: node.mark?.line ?? 1)
            )
        }
        return result
    }
}
