/// Who may read, as it was configured.
public struct AccessSettings: Sendable {
    /// Which ways of making oneself known are on; `open` stands alone.
    public var modes: Set<AccessMode>
    /// For `token`: the tokens.
    public var tokenFile: String?
    /// Rules for users of the OpenID provider, and for clusters that are gone.
    public var policyFile: String?
    /// For `oidc`.
    public var oidc: OIDCSettings?
    /// For `kubernetes`: by the cluster's name in the archive, a kubeconfig that may create reviews there.
    public var reviewKubeconfigs: [String: String] = [:]
    /// Whom a token must be for; none means the API server's own audience.
    public var reviewAudiences: [String] = []

    /// With nothing but the modes.
    public init(modes: Set<AccessMode>) {
        self.modes = modes
    }

    /// Why they cannot be used, in the words of the command line; nil if they can.
    public var problem: String? {
        if modes.contains(.open), modes.count > 1 {
            return "--access open lets everyone read, so that nothing else beside it means anything: leave it out"
        }
        return tokenProblem ?? oidcProblem ?? kubernetesProblem ?? policyProblem
    }

    private var tokenProblem: String? {
        switch (modes.contains(.token), tokenFile) {
        case (true, nil): "--access token needs --token-file; 'kee-query token NAME GRANT...' makes a token for it"
        case (false, _?): "--token-file is given without --access token"
        case (true, _?), (false, nil): nil
        }
    }

    private var oidcProblem: String? {
        switch (modes.contains(.oidc), oidc) {
        case (true, nil): return "--access oidc needs --oidc-issuer and --oidc-client-id"
        case (false, _?): return "--oidc-issuer is given without --access oidc"
        case (true, let oidc?):
            if let problem = oidc.problem { return problem }
            guard policyFile == nil, !modes.contains(.kubernetes) else { return nil }
            return "--access oidc alone lets nobody see anything: give --access-policy with rules, or "
                + "--access oidc,kubernetes to ask each cluster"
        case (false, nil): return nil
        }
    }

    private var kubernetesProblem: String? {
        let isOn = modes.contains(.kubernetes)
        if isOn, reviewKubeconfigs.isEmpty {
            return "--access kubernetes needs a --review-kubeconfig CLUSTER=FILE for each cluster whose people may read"
        }
        if !isOn, !reviewKubeconfigs.isEmpty { return "--review-kubeconfig is given without --access kubernetes" }
        if !isOn, !reviewAudiences.isEmpty { return "--review-audience is given without --access kubernetes" }
        return nil
    }

    private var policyProblem: String? {
        guard policyFile != nil, modes.isDisjoint(with: [.oidc, .kubernetes]) else { return nil }
        return "--access-policy is given without --access oidc or kubernetes: it has no rules for tokens of a file"
    }
}
