internal import HTTPTransfer

extension Kubeconfig {
    /// What `exec` of a user comes to.
    ///
    /// - Throws: `KubeconfigError` if it says too little, or asks for what is not there: a terminal.
    func plugin(
        _ exec: Exec,
        of user: Named<User>,
        _ configuration: ClientConfiguration,
        _ cluster: Named<Cluster>
    ) throws(KubeconfigError) -> ExecPlugin {
        let entry = "exec of user \"\(user.name)\""
        guard let command = exec.command else { throw problem("\(entry) has no command", at: user) }
        let versions = ExecPlugin.APIVersion.allCases.map(\.rawValue).joined(separator: " or ")
        guard let version = exec.apiVersion else {
            throw problem("\(entry) has no apiVersion; use \(versions)", at: user)
        }
        guard let apiVersion = ExecPlugin.APIVersion(rawValue: version) else {
            throw problem("\(entry) has the apiVersion \"\(version)\"; use \(versions)", at: user)
        }
        switch exec.interactiveMode {
        // Required by v1, but whoever leaves it out has a plugin that does not care.
        case nil, "Never", "IfAvailable": break
        case "Always":
            throw problem(
                "\(entry) asks for a terminal (interactiveMode: Always), and there is none; use a plugin, or a mode of "
                    + "it, that logs in without asking anybody, and interactiveMode: Never",
                at: user
            )
        case let mode?:
            throw problem(
                "\(entry) has the interactiveMode \"\(mode)\"; use Never, IfAvailable or Always",
                at: user
            )
        }
        var plugin = ExecPlugin(
            command: command.contains("/") ? absolute(command, beside: user.path) : command,
            apiVersion: apiVersion,
            owner: "user \"\(user.name)\" of kubeconfig \(user.path)"
        )
        plugin.arguments = exec.arguments
        plugin.environment = exec.environment
        plugin.installHint = exec.installHint
        if exec.providesClusterInfo {
            var information = ExecPlugin.Cluster(server: configuration.server)
            information.tlsServerName = configuration.tls.serverName
            information.skipsTLSVerify = !configuration.tls.verifiesPeer
            information.certificateAuthority = configuration.tls.certificateAuthority
            information.proxyURL = configuration.proxy
            information.config = cluster.value.execConfig
            plugin.cluster = information
        }
        return plugin
    }
}
