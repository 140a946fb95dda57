internal import JSON
internal import KubernetesAPI

/// What the claims of a token must say, and who it then is. Source: OpenID Connect Core 1.0 section 3.1.3.7.
struct OIDCClaims: Sendable, Equatable {
    /// Byte for byte as the provider writes it.
    var issuer: String
    /// The token must be made out to one of them.
    var clientIDs: Set<String>
    var usernameClaim = "sub"
    var groupsClaim = "groups"
    /// Put before names, so that nobody at the provider can take one of Kubernetes' own.
    var usernamePrefix = ""
    var groupsPrefix = ""

    /// How far the clocks of provider and service may be apart, in seconds.
    static let leeway = 60.0
    /// More groups than any directory hands out in a token; a token with more is refused.
    static let mostGroups = 2_000

    /// Who showed a token, and until when it counts.
    struct Holder: Sendable, Equatable {
        let user: ReviewedUser
        /// Seconds since 1970.
        let expiry: Double

        func checkExpiry(now: Double) throws(AccessError) { try OIDCClaims.check(expiry: expiry, now: now) }
    }

    /// - Parameters:
    ///   - claims: of a token whose signature was checked.
    ///   - now: seconds since 1970.
    /// - Throws: what is wrong with it, for its holder.
    func holder(of claims: JSONValue, now: Double) throws(AccessError) -> Holder {
        guard claims["iss"]?.string == issuer else { throw .invalidToken("The token is of another issuer.") }
        guard isForUs(claims["aud"]) else { throw .invalidToken("The token is made out to another audience.") }
        guard let expiry = Self.date(claims["exp"]) else { throw .invalidToken("The token never expires.") }
        try Self.check(expiry: expiry, now: now)
        for name in ["nbf", "iat"] where claims[name] != nil {
            guard let start = Self.date(claims[name]) else { throw .invalidToken("The token's \(name) is no time.") }
            guard start <= now + Self.leeway else { throw .invalidToken("The token is not valid yet.") }
        }
        guard let name = claims[usernameClaim]?.string, !name.isEmpty else {
            throw .invalidToken("The token has no \(usernameClaim).")
        }
        // As API servers have it: an address that anyone can enter is nobody's name.
        if usernameClaim == "email", let isVerified = claims["email_verified"], isVerified.bool != true {
            throw .invalidToken("The token's email is not verified.")
        }
        // Kubernetes' own names, system:masters above all, are not for a provider to give away.
        guard !(usernamePrefix + name).hasPrefix("system:") else {
            throw .invalidToken("The token's \(usernameClaim) is reserved.")
        }
        let groups = try groups(claims[groupsClaim]).map { groupsPrefix + $0 }.filter { !$0.hasPrefix("system:") }
        let user = ReviewedUser(username: usernamePrefix + name, groups: groups + ["system:authenticated"])
        return Holder(user: user, expiry: expiry)
    }

    private static func check(expiry: Double, now: Double) throws(AccessError) {
        guard now < expiry + leeway else { throw .invalidToken("The token has expired.") }
    }

    private func isForUs(_ audience: JSONValue?) -> Bool {
        guard let audience else { return false }
        if let text = audience.string { return clientIDs.contains(text) }
        return audience.elements.contains { $0.string.map(clientIDs.contains) ?? false }
    }

    private func groups(_ value: JSONValue?) throws(AccessError) -> [String] {
        guard let value, !value.isNull else { return [] }
        if let text = value.string { return [text] }
        var groups: [String] = []
        for element in value.elements {
            guard let text = element.string else {
                throw .invalidToken("The token's \(groupsClaim) are no list of names.")
            }
            guard groups.count < Self.mostGroups else { throw .invalidToken("The token has too many groups.") }
            groups.append(text)
        }
        return groups
    }

    /// A NumericDate, which may have a fraction. Source: RFC 7519 section 2.
    private static func date(_ value: JSONValue?) -> Double? {
        guard let value, value.kind == .number else { return nil }
        return Double(String(decoding: value.rawBytes, as: UTF8.self))
    }
}
