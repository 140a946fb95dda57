internal import HTTPTransfer

/// How an OpenID provider's tokens are taken.
public struct OIDCSettings: Sendable, Equatable {
    /// Exactly as the provider's configuration and its tokens have it.
    public var issuer: String
    /// A token must be made out to one of them; at least one.
    public var clientIDs: [String]
    /// The claim that holds the user's name.
    public var usernameClaim = "sub"
    /// Put before each user's name.
    public var usernamePrefix = ""
    /// The claim that holds the user's groups.
    public var groupsClaim = "groups"
    /// Put before each group's name.
    public var groupsPrefix = ""
    /// The authorities that the provider's certificate may be of, a file in PEM; nil for the system's.
    public var caFile: String?

    /// With the defaults for everything that is not an argument.
    public init(issuer: String, clientIDs: [String]) {
        (self.issuer, self.clientIDs) = (issuer, clientIDs)
    }

    /// Why they cannot be used; nil if they can.
    public var problem: String? {
        guard Self.isSafe(url: issuer) else {
            return
                "--oidc-issuer '\(issuer)' must be an https URL (or http on this machine): whoever can answer in its "
                + "place says who everybody is"
        }
        guard !issuer.contains("?"), !issuer.contains("#"), !issuer.contains("@") else {
            return "--oidc-issuer '\(issuer)' must have no query, no fragment and no user"
        }
        guard !clientIDs.isEmpty, !clientIDs.contains("") else {
            return "--oidc-client-id is missing: without it a token that was made out to any other service would do"
        }
        return nil
    }

    /// Whether what comes from there can be believed.
    static func isSafe(url: String) -> Bool {
        if url.hasPrefix("https://"), url.utf8.count > "https://".utf8.count { return true }
        guard url.hasPrefix("http://") else { return false }
        let authority = url.dropFirst("http://".count).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let host = authority.hasPrefix("[") ? authority.prefix { $0 != "]" } : authority.prefix { $0 != ":" }
        return ["127.0.0.1", "localhost", "[::1"].contains(String(host)) && !authority.contains("@")
    }

    var claims: OIDCClaims {
        var claims = OIDCClaims(issuer: issuer, clientIDs: Set(clientIDs))
        (claims.usernameClaim, claims.usernamePrefix) = (usernameClaim, usernamePrefix)
        (claims.groupsClaim, claims.groupsPrefix) = (groupsClaim, groupsPrefix)
        return claims
    }

    var tls: TLSOptions { TLSOptions(certificateAuthority: caFile.map { .file($0) }) }
}
