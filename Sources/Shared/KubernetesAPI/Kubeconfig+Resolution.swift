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
            throw problem("context \"\(context.name)\" names no cluster", line: context.line)
        }
        guard let cluster = clusters.first(where: { $0.name == clusterName }) else {
            throw problem(
                "context \"\(context.name)\" names the cluster \"\(clusterName)\", which the file does not have "
                    + "(it has: \(list(clusters.map(\.name))))",
                line: context.line
            )
        }
        var user: Named<User>?
        if let userName = context.value.user {
            user = users.first { $0.name == userName }
            guard user != nil else {
                throw problem(
                    "context \"\(context.name)\" names the user \"\(userName)\", which the file does not have "
                        + "(it has: \(list(users.map(\.name))))",
                    line: context.line
                )
            }
        }
        return ClientConfiguration(
            server: try server(of: cluster),
            tls: try tls(of: cluster, user),
            proxy: cluster.value.proxyURL,
            token: try token(of: user),
            namespace: context.value.namespace
        )
    }

    private func find(context name: String?) throws(KubeconfigError) -> Named<Context> {
        guard let name = name ?? currentContext else {
            throw problem("it has no current-context; name one with --context (it has: \(list(contextNames)))")
        }
        guard let context = contexts.first(where: { $0.name == name }) else {
            throw problem("it has no context \"\(name)\"; name one with --context (it has: \(list(contextNames)))")
        }
        return context
    }

    private func server(of cluster: Named<Cluster>) throws(KubeconfigError) -> String {
        guard var server = cluster.value.server else {
            throw problem("cluster \"\(cluster.name)\" has no server", line: cluster.line)
        }
        while server.hasSuffix("/") { server.removeLast() }
        guard server.hasPrefix("https://") || server.hasPrefix("http://") else {
            throw problem(
                "server of cluster \"\(cluster.name)\" is \"\(server)\"; it must begin with https:// or http://",
                line: cluster.line
            )
        }
        guard !server.contains("@"), !server.contains("?"), !server.contains("#") else {
            throw problem(
                "server of cluster \"\(cluster.name)\" holds a user, a query or a fragment; "
                    + "leave the address and put credentials under users",
                line: cluster.line
            )
        }
        return server
    }

    private func tls(of cluster: Named<Cluster>, _ user: Named<User>?) throws(KubeconfigError) -> TLSOptions {
        var tls = TLSOptions()
        let entry = "cluster \"\(cluster.name)\""
        tls.certificateAuthority = try source(
            Material(entry: entry, line: cluster.line, key: "certificate-authority"),
            data: cluster.value.certificateAuthorityData,
            file: cluster.value.certificateAuthority
        )
        tls.verifiesPeer = !cluster.value.insecureSkipTLSVerify
        tls.serverName = cluster.value.tlsServerName
        guard let user else { return tls }
        let owner = "user \"\(user.name)\""
        tls.clientCertificate = try source(
            Material(entry: owner, line: user.line, key: "client-certificate"),
            data: user.value.clientCertificateData,
            file: user.value.clientCertificate
        )
        tls.clientKey = try source(
            Material(entry: owner, line: user.line, key: "client-key"),
            data: user.value.clientKeyData,
            file: user.value.clientKey
        )
        guard (tls.clientCertificate == nil) == (tls.clientKey == nil) else {
            let (has, lacks) =
                tls.clientKey == nil ? ("client-certificate", "client-key") : ("client-key", "client-certificate")
            throw problem("\(owner) has a \(has), but no \(lacks); add \(lacks) or \(lacks)-data", line: user.line)
        }
        return tls
    }

    private func token(of user: Named<User>?) throws(KubeconfigError) -> TokenSource {
        guard let user else { return .none }
        if let key = user.value.unsupported.first {
            throw problem("user \"\(user.name)\" uses \(key), \(Self.reasonAgainst(key))", line: user.line)
        }
        if let file = user.value.tokenFile {
            return .file(absolute(file), fallback: user.value.token)
        }
        return user.value.token.map { .fixed($0) } ?? .none
    }

    private static func reasonAgainst(_ key: String) -> String {
        let remedy = "use a token, a tokenFile or a client certificate"
        return switch key {
        case "exec": "which comes in a later release; until then \(remedy)"
        case "auth-provider": "which Kubernetes has removed; \(remedy)"
        case "username", "password": "which API servers no longer accept; \(remedy)"
        default: "which is not supported; name a user that may list and watch events itself"
        }
    }

    private struct Material {
        let entry: String
        let line: Int
        let key: String
    }

    /// Data in the file counts more than the name of another, as in client-go.
    private func source(
        _ material: Material,
        data: String?,
        file: String?
    ) throws(KubeconfigError) -> TLSOptions.Source? {
        guard let data else { return file.map { .file(absolute($0)) } }
        guard let pem = Data(base64Encoded: data, options: .ignoreUnknownCharacters), !pem.isEmpty else {
            throw problem("\(material.key)-data of \(material.entry) is not base64", line: material.line)
        }
        let bytes = Array(pem)
        guard String(decoding: bytes, as: UTF8.self).contains("-----BEGIN ") else {
            throw problem("\(material.key)-data of \(material.entry) holds no PEM once decoded", line: material.line)
        }
        return .pem(bytes)
    }

    private func absolute(_ file: String) -> String {
        guard !file.hasPrefix("/"), let slash = path.lastIndex(of: "/") else { return file }
        return path[..<slash] + "/" + file
    }

    private func list(_ names: [String]) -> String {
        names.isEmpty ? "none" : names.joined(separator: ", ")
    }

    private func problem(_ text: String, line: Int? = nil) -> KubeconfigError {
        KubeconfigError(path: path, line: line, problem: text)
    }
}
