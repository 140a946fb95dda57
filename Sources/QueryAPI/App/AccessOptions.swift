import Access
import ArgumentParser
import Settings

/// Who may read.
struct AccessOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Who may read: open, for everyone; or token, oidc and kubernetes, one or several, separated by commas or "
                + "repeated. Must be said unless --listen is on loopback.",
            valueName: "mode"
        ),
        transform: AccessModes.init(parsing:)
    )
    var access: [AccessModes] = []

    @Option(
        help: ArgumentHelp(
            "For --access token: a file with a line for each token; 'kee-query token NAME GRANT...' makes them.",
            valueName: "file"
        )
    )
    var tokenFile: String?

    @Option(
        help: ArgumentHelp(
            "A YAML file: what users of the OpenID provider may see, and who may see clusters that are gone.",
            valueName: "file"
        )
    )
    var accessPolicy: String?

    @Option(
        help: ArgumentHelp("For --access oidc: the provider, as its tokens have it in 'iss'.", valueName: "url")
    )
    var oidcIssuer: String?

    @Option(
        name: .customLong("oidc-client-id"),
        help: ArgumentHelp("For whom a token must be ('aud'); can be repeated.", valueName: "id")
    )
    var oidcClientID: [String] = []

    @Option(help: ArgumentHelp("The claim with the user's name.", valueName: "claim"))
    var oidcUsernameClaim = "sub"

    @Option(help: ArgumentHelp("Put before each user's name, as the API servers do it.", valueName: "text"))
    var oidcUsernamePrefix = ""

    @Option(help: ArgumentHelp("The claim with the user's groups.", valueName: "claim"))
    var oidcGroupsClaim = "groups"

    @Option(help: ArgumentHelp("Put before each group's name, as the API servers do it.", valueName: "text"))
    var oidcGroupsPrefix = ""

    @Option(
        name: .customLong("oidc-ca-file"),
        help: ArgumentHelp(
            "Whom to trust for the provider, in PEM; the system's authorities without it.",
            valueName: "file"
        )
    )
    var oidcCAFile: String?

    @Option(
        help: ArgumentHelp(
            "For --access kubernetes: a kubeconfig that may create token and access reviews in the cluster of that name; "
                + "one for each cluster.",
            valueName: "cluster=file"
        ),
        transform: ReviewKubeconfig.init(parsing:)
    )
    var reviewKubeconfig: [ReviewKubeconfig] = []

    @Option(
        help: ArgumentHelp(
            "For whom a cluster's token must be; the API server's own audience without it. Can be repeated.",
            valueName: "audience"
        )
    )
    var reviewAudience: [String] = []

    /// - Throws: wrong usage, said with what to give instead.
    func settings(listen: ListenAddress) throws(ProgramExit) -> AccessSettings {
        var modes = access.reduce(into: Set<AccessMode>()) { $0.formUnion($1.modes) }
        if modes.isEmpty {
            // Everyone on this machine may read without a word; a listener that others reach must be opened by hand.
            guard listen.isLoopback else {
                throw .usage(
                    "--access is missing: \(listen) can be reached from other machines, and everyone who reaches it may "
                        + "read all events. Say so with '--access open', ask for tokens (docs/security.md), or listen "
                        + "on this machine only, such as '--listen 127.0.0.1:\(listen.port)'"
                )
            }
            modes = [.open]
        }
        var settings = AccessSettings(modes: modes)
        settings.tokenFile = tokenFile
        settings.policyFile = accessPolicy
        settings.reviewAudiences = reviewAudience
        for review in reviewKubeconfig {
            guard settings.reviewKubeconfigs.updateValue(review.path, forKey: review.cluster) == nil else {
                throw .usage("--review-kubeconfig is given twice for the cluster '\(review.cluster)'")
            }
        }
        if let oidcIssuer {
            var oidc = OIDCSettings(issuer: oidcIssuer, clientIDs: oidcClientID)
            (oidc.usernameClaim, oidc.usernamePrefix) = (oidcUsernameClaim, oidcUsernamePrefix)
            (oidc.groupsClaim, oidc.groupsPrefix) = (oidcGroupsClaim, oidcGroupsPrefix)
            oidc.caFile = oidcCAFile
            settings.oidc = oidc
        }
        if let problem = settings.problem { throw .usage(problem) }
        return settings
    }
}

/// One `--access`: several modes with commas between them.
struct AccessModes: Sendable {
    let modes: Set<AccessMode>

    init(parsing text: String) throws(SettingValueError) {
        var modes: Set<AccessMode> = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let mode = AccessMode(rawValue: String(word)) else {
                let known = AccessMode.allCases.map(\.rawValue).joined(separator: ", ")
                throw SettingValueError("'\(word)' is no access mode: there are \(known)")
            }
            modes.insert(mode)
        }
        self.modes = modes
    }
}

/// One `--review-kubeconfig`.
struct ReviewKubeconfig: Sendable {
    let cluster: String
    let path: String

    init(parsing text: String) throws(SettingValueError) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
            throw SettingValueError(
                "'\(text)' is no review kubeconfig: give CLUSTER=FILE, such as prod=/etc/kee/prod.yaml"
            )
        }
        (cluster, path) = (String(parts[0]), String(parts[1]))
    }
}
