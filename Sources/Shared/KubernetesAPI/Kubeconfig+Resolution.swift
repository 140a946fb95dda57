internal import FoundationEssentials
internal import HTTPTransfer

extension Kubeconfig {
    /// What a context comes to.
    ///
    /// - Parameter context: its name; nil for the file's current context.
    /// - Throws: `KubeconfigError` that names the entry and the remedy.
    public func configuration(context name: String? = nil) throws(KubeconfigError) -> ClientConfiguration {
        let context = try find(context: name)
        guard let clusterName = context.value.cluster else {
            throw problem("context \"\(context.name)\" names no cluster", at: context)
        }
        guard let cluster = clusters.first(where: { $0.name == clusterName }) else {
            throw problem(
                "context \"\(context.name)\" names the cluster \"\(clusterName)\", which \(noFile) "
                    + "(\(has): \(list(clusters.map(\.name))))",
                at: context
            )
        }
        var user: Named<User>?
        if let userName = context.value.user {
            user = users.first { $0.name == userName }
            guard user != nil else {
                throw problem(
                    "context \"\(context.name)\" names the user \"\(userName)\", which \(noFile) "
                        + "(\(has): \(list(users.map(\.name))))",
                    at: context
                )
            }
        }
        var configuration = ClientConfiguration(
            server: try server(of: cluster),
            tls: try tls(of: cluster, user),
            proxy: try proxy(of: cluster),
            namespace: context.value.namespace
        )
        configuration.token = try token(of: user, configuration, cluster)
        configuration.warnings = warnings(of: cluster, configuration)
        return configuration
    }

    private func warnings(of cluster: Named<Cluster>, _ configuration: ClientConfiguration) -> [String] {
        guard cluster.value.insecureSkipTLSVerify, configuration.server.hasPrefix("https://") else { return [] }
        return [
            "insecure-skip-tls-verify: anyone between here and \(configuration.server) (cluster \"\(cluster.name)\" of "
                + "kubeconfig \(cluster.path)) can read the credentials and answer in its place, since its "
                + "certificate is not checked; give certificate-authority instead"
        ]
    }

    private func find(context name: String?) throws(KubeconfigError) -> Named<Context> {
        guard let name = name ?? currentContext else {
            throw problem("it has no current-context; name one with --context (\(has): \(list(contextNames)))")
        }
        guard let context = contexts.first(where: { $0.name == name }) else {
            throw problem(
                "it has no context \"\(name)\"; name one with --context (\(has): \(list(contextNames)))"
            )
        }
        return context
    }

    private func server(of cluster: Named<Cluster>) throws(KubeconfigError) -> String {
        guard var server = cluster.value.server else {
            throw problem("cluster \"\(cluster.name)\" has no server", at: cluster)
        }
        while server.hasSuffix("/") { server.removeLast() }
        guard server.hasPrefix("https://") || server.hasPrefix("http://") else {
            throw problem(
                "server of cluster \"\(cluster.name)\" is \"\(server)\"; it must begin with https:// or http://",
                at: cluster
            )
        }
        guard !server.contains("@"), !server.contains("?"), !server.contains("#") else {
            throw problem(
                "server of cluster \"\(cluster.name)\" holds a user, a query or a fragment; "
                    + "leave the address and put credentials under users",
                at: cluster
            )
        }
        return server
    }

    /// The value is left out of the message: it may hold a password.
    private func proxy(of cluster: Named<Cluster>) throws(KubeconfigError) -> String? {
        guard let proxy = cluster.value.proxyURL else { return nil }
        guard ["http://", "https://", "socks5://", "socks5h://"].contains(where: { proxy.hasPrefix($0) }) else {
            throw problem(
                "proxy-url of cluster \"\(cluster.name)\" must begin with http://, https:// or socks5://",
                at: cluster
            )
        }
        return proxy
    }

    private func tls(of cluster: Named<Cluster>, _ user: Named<User>?) throws(KubeconfigError) -> TLSOptions {
        var tls = TLSOptions()
        let entry = "cluster \"\(cluster.name)\""
        tls.certificateAuthority = try source(
            Material(entry: entry, path: cluster.path, line: cluster.line, key: "certificate-authority"),
            data: cluster.value.certificateAuthorityData,
            file: cluster.value.certificateAuthority
        )
        tls.verifiesPeer = !cluster.value.insecureSkipTLSVerify
        tls.serverName = cluster.value.tlsServerName
        guard let user else { return tls }
        let owner = "user \"\(user.name)\""
        tls.clientCertificate = try source(
            Material(entry: owner, path: user.path, line: user.line, key: "client-certificate"),
            data: user.value.clientCertificateData,
            file: user.value.clientCertificate
        )
        tls.clientKey = try source(
            Material(entry: owner, path: user.path, line: user.line, key: "client-key"),
            data: user.value.clientKeyData,
            file: user.value.clientKey
        )
        guard (tls.clientCertificate == nil) == (tls.clientKey == nil) else {
            let (has, lacks) =
                tls.clientKey == nil ? ("client-certificate", "client-key") : ("client-key", "client-certificate")
            throw problem("\(owner) has a \(has), but no \(lacks); add \(lacks) or \(lacks)-data", at: user)
        }
        return tls
    }

    private func token(
        of user: Named<User>?,
        _ configuration: ClientConfiguration,
        _ cluster: Named<Cluster>
    ) throws(KubeconfigError) -> TokenSource {
        guard let user else { return .none }
        if let key = user.value.unsupported.first {
            throw problem("user \"\(user.name)\" uses \(key), \(Self.reasonAgainst(key))", at: user)
        }
        if let file = user.value.tokenFile {
            return .file(absolute(file, beside: user.path), fallback: user.value.token)
        }
        if let token = user.value.token { return .fixed(token) }
        // As in client-go, a plugin is not run where a client certificate stands beside it.
        guard let exec = user.value.exec, configuration.tls.clientCertificate == nil else { return .none }
        return .plugin(try plugin(exec, of: user, configuration, cluster))
    }

    private static func reasonAgainst(_ key: String) -> String {
        let remedy = "use a token, a tokenFile, a client certificate or exec"
        return switch key {
        case "auth-provider": "which Kubernetes has removed; \(remedy)"
        case "username", "password": "which API servers no longer accept; \(remedy)"
        default: "which is not supported; name a user that may list and watch events itself"
        }
    }

    private struct Material {
        let entry: String
        let path: String
        let line: Int
        let key: String
    }

    /// Data in the file counts more than the name of another, as in client-go.
    private func source(
        _ material: Material,
        data: String?,
        file: String?
    ) throws(KubeconfigError) -> TLSOptions.Source? {
        guard let data else { return file.map { .file(absolute($0, beside: material.path)) } }
        guard let pem = Data(base64Encoded: data, options: .ignoreUnknownCharacters), !pem.isEmpty else {
            throw KubeconfigError(
                path: material.path,
                line: material.line,
                problem: "\(material.key)-data of \(material.entry) is not base64"
            )
        }
        let bytes = Array(pem)
        guard String(decoding: bytes, as: UTF8.self).contains("-----BEGIN ") else {
            throw KubeconfigError(
                path: material.path,
                line: material.line,
                problem: "\(material.key)-data of \(material.entry) holds no PEM once decoded"
            )
        }
        return .pem(bytes)
    }

    func absolute(_ file: String, beside path: String) -> String {
        guard !file.hasPrefix("/"), let slash = path.lastIndex(of: "/") else { return file }
        return path[..<slash] + "/" + file
    }

    private func list(_ names: [String]) -> String {
        names.isEmpty ? "none" : names.joined(separator: ", ")
    }

    private var noFile: String { paths.count == 1 ? "the file does not have" : "none of the files has" }
    private var has: String { paths.count == 1 ? "it has" : "they have" }

    /// Of all files together.
    private func problem(_ text: String) -> KubeconfigError {
        KubeconfigError(path: paths.joined(separator: ":"), line: nil, problem: text)
    }

    /// Of one entry.
    func problem(_ text: String, at entry: Named<some Sendable>) -> KubeconfigError {
        KubeconfigError(path: entry.path, line: entry.line, problem: text)
    }
}
