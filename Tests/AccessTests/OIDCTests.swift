import EventReader
import HTTPTransfer
import JSON
import KubernetesAPI
import Logging
import TestSupport
import Testing

@testable import Access

/// Claims as a provider writes them, with what a test wants to be different.
struct Claims {
    var issuer: String
    var audience = #""kee""#
    var subject: String? = "alice"
    var groups = #"["sre"]"#
    /// Seconds from the test's now.
    var expires: Double? = 300
    var notBefore: Double?
    var issuedAt: Double? = -10
    var more = ""

    static let now = 1_800_000_000.5

    var json: String {
        var members = [#""iss":"\#(issuer)""#, #""aud":\#(audience)"#, #""groups":\#(groups)"#]
        if let subject { members.append(#""sub":"\#(subject)""#) }
        for (name, offset) in [("exp", expires), ("nbf", notBefore), ("iat", issuedAt)] {
            if let offset { members.append("\"\(name)\":\(Int64(Self.now + offset))") }
        }
        if !more.isEmpty { members.append(more) }
        return "{\(members.joined(separator: ","))}"
    }
}

@Suite("Tokens of an OpenID provider", .timeLimit(.minutes(2)))
struct OIDCTests {
    private func control(
        _ issuer: String,
        rule: String = "{from: oidc, groups: [sre], grants: [prod]}",
        caFile: String? = nil,
        while body: (AccessControl) async throws -> Void
    ) async throws {
        let folder = try TemporaryDirectory()
        let path = try folder.write("rules:\n- \(rule)\n".utf8, to: "policy.yaml")
        let policy = try await WatchedFile(path: path, logger: Logger(label: "test")) { bytes throws(AccessFileError) in
            try AccessPolicy(parsing: bytes, path: path, reviewed: [])
        }
        var settings = OIDCSettings(issuer: issuer, clientIDs: ["kee", "kee-cli"])
        settings.caFile = caFile
        #expect(settings.problem == nil)
        let keys = OIDCKeys(
            issuer: issuer,
            tls: settings.tls,
            http: HTTPClient(),
            metrics: AccessMetrics(),
            logger: Logger(label: "test")
        )
        let oidc = OIDCAuthenticator(claims: settings.claims, keys: keys, policy: policy, reviews: nil) { Claims.now }
        try await body(AccessControl([oidc]))
    }

    @Test func everyAsymmetricSignatureIsTaken() async throws {
        let keys = [
            try await SigningKey.es256("ec"), try await .rsa("rsa"), try await .eddsa("ed"),
        ]
        try await FakeIssuer(keys).run { url, server in
            try await control(url) { access in
                for key in keys + [try await .rsa("rsa", isPSS: true)] {
                    let viewer = try await access.viewer(try key.token(Claims(issuer: url).json))
                    #expect(viewer.name == "oidc:alice" && viewer.mode == .oidc)
                    #expect(try await viewer.visibility(in: .everything, deadline: .soon) == .only(["prod": .all]))
                    let other: EventQuery.Scope = .namespace(cluster: "dev", namespace: "shop")
                    await #expect(throws: AccessError.nothingVisible) {
                        try await viewer.visibility(in: other, deadline: .soon)
                    }
                }
            }
            #expect(server.log.entries.requests.map(\.uri) == ["/.well-known/openid-configuration", "/keys"])
        }
    }

    @Test func whatClaimsMustSay() async throws {
        let key = try await SigningKey.es256("k")
        try await FakeIssuer([key]).run { url, _ in
            try await control(url) { access in
                let good = Claims(issuer: url)
                func with(_ change: (inout Claims) -> Void) -> Claims {
                    var claims = good
                    change(&claims)
                    return claims
                }
                let accepted = [
                    with { $0.audience = #"["other","kee-cli"]"# },
                    with { $0.expires = -59 },
                    with { $0.notBefore = 59 },
                    with { $0.issuedAt = nil },
                ]
                for claims in accepted { _ = try await access.viewer(try key.token(claims.json)) }
                let refused: [(Claims, String)] = [
                    (with { $0.audience = #""other""# }, "The token is made out to another audience."),
                    (with { $0.audience = #"["kee2"]"# }, "The token is made out to another audience."),
                    (with { $0.audience = "{}" }, "The token is made out to another audience."),
                    (with { $0.expires = -61 }, "The token has expired."),
                    (with { $0.expires = nil }, "The token never expires."),
                    (with { $0.notBefore = 62 }, "The token is not valid yet."),
                    (with { $0.issuedAt = 62 }, "The token is not valid yet."),
                    (with { $0.subject = nil }, "The token has no sub."),
                    (with { $0.subject = "" }, "The token has no sub."),
                    (with { $0.subject = "system:admin" }, "The token's sub is reserved."),
                    (with { $0.groups = "[1]" }, "The token's groups are no list of names."),
                    (with { $0.issuer = url + "/" }, "The bearer token is not accepted."),
                    (with { $0.issuer = "https://evil.example.com" }, "The bearer token is not accepted."),
                ]
                for (claims, detail) in refused {
                    await #expect(throws: AccessError.invalidToken(detail)) {
                        try await access.viewer(try key.token(claims.json))
                    }
                }
            }
        }
    }

    @Test func forgeriesAreRefused() async throws {
        let (rsa, ec, stranger) = (
            try await SigningKey.rsa("r"), try await SigningKey.es256("e"), try await SigningKey.es256("e")
        )
        try await FakeIssuer([rsa, ec]).run { url, _ in
            try await control(url) { access in
                let claims = Claims(issuer: url).json
                let part = SigningKey.base64URL(claims)
                let good = try ec.token(claims)
                let otherClaims = SigningKey.base64URL(Claims(issuer: url, subject: "mallory").json)
                let pieces = good.split(separator: ".").map(String.init)
                let hs256 = "\(SigningKey.base64URL(#"{"alg":"HS256","kid":"r"}"#)).\(part)"
                let forgeries = [
                    "\(SigningKey.base64URL(#"{"alg":"none"}"#)).\(part).",
                    "\(SigningKey.base64URL(#"{"alg":"None","kid":"e"}"#)).\(part).\(pieces[2])",
                    // The public key taken for a shared secret.
                    "\(hs256).\(try hmac(hs256, key: SigningKey.rsaPublicPEM()))",
                    "\(pieces[0]).\(otherClaims).\(pieces[2])",
                    "\(pieces[0]).\(pieces[1]).",
                    "\(pieces[0]).\(pieces[1])",
                    "\(good)=",
                    "\(pieces[0]).\(pieces[1]).\(pieces[2]).x",
                    try stranger.token(claims),
                    // A key of one kind under the algorithm of another.
                    try ec.token(claims, header: #"{"alg":"RS256","kid":"r"}"#),
                    try ec.token(claims, header: #"{"alg":"ES256","kid":"r"}"#),
                    try rsa.token(claims, header: #"{"alg":"PS256","kid":"r"}"#),
                    try ec.token(claims, header: #"{"alg":"ES256","kid":"e","crit":["exp"]}"#),
                    try ec.token("[]"),
                ]
                _ = try await access.viewer(good)
                for (index, forgery) in forgeries.enumerated() {
                    let error = await #expect(throws: AccessError.self, "\(index)") { try await access.viewer(forgery) }
                    guard case .unauthenticated = error else {
                        Issue.record("\(index): \(String(describing: error))")
                        continue
                    }
                }
            }
        }
    }

    @Test func aRotationIsFoundOutByTheKeyThatIsNotKnown() async throws {
        let (old, new) = (try await SigningKey.es256("old"), try await SigningKey.es256("new"))
        let issuer = FakeIssuer([old])
        let clock = Observed(ContinuousClock.now)
        let pass: @Sendable (Duration) -> Void = { time in clock.change { $0 += time } }
        try await issuer.run { url, server in
            let claims = Claims(issuer: url).json
            let keys = OIDCKeys(
                issuer: url,
                tls: OIDCSettings(issuer: url, clientIDs: []).tls,
                http: HTTPClient(),
                metrics: AccessMetrics(),
                logger: Logger(label: "test"),
                now: { clock.value }
            )
            let (first, second) = (
                try JSONWebToken(parsing: old.token(claims)), try JSONWebToken(parsing: new.token(claims))
            )
            #expect(try await keys.verify(first))
            issuer.rotate(to: [new])
            // Too early to ask again; made-up names of keys do not make us ask either.
            for _ in 0..<20 { #expect(try await !keys.verify(second)) }
            #expect(server.log.entries.requests.filter { $0.uri == "/keys" }.count == 1)
            pass(.seconds(11))
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<20 { group.addTask { try await keys.verify(second) } }
                for try await isSigned in group { #expect(isSigned) }
            }
            #expect(server.log.entries.requests.filter { $0.uri == "/keys" }.count == 2, "all of them by one request")
            #expect(try await !keys.verify(first), "the old key is gone")
            // Away: what is known stays in use for a day, and not longer.
            issuer.setAway(true)
            pass(.seconds(3600))
            #expect(try await keys.verify(second))
            pass(.seconds(86_400))
            await #expect(throws: AccessError.self) { try await keys.verify(second) }
            issuer.setAway(false)
            pass(.seconds(11))
            #expect(try await keys.verify(second))
        }
    }

    @Test func withoutKeysNobodyIsLetInAndNobodyIsCalledAnImpostor() async throws {
        let key = try await SigningKey.es256("k")
        let issuer = FakeIssuer([key])
        try await issuer.run { url, _ in
            let token = try key.token(Claims(issuer: url).json)
            let troubles: [@Sendable () -> Void] = [
                { issuer.setAway(true) }, { issuer.setName("https://other.example.com") },
                {
                    issuer.setName(nil); issuer.setJWKS("{}")
                }, { issuer.setJWKS(#"{"keys":[{"kty":"oct","k":"AA"}]}"#) },
            ]
            for trouble in troubles {
                trouble()
                try await control(url) { access in
                    let error = await #expect(throws: AccessError.self) { try await access.viewer(token) }
                    guard case .unavailable = error else {
                        Issue.record("\(String(describing: error))")
                        return
                    }
                    issuer.setAway(false)
                }
            }
        }
    }

    @Test func keysThatAreNotKnownDoNotTakeTheOthersAway() async throws {
        let key = try await SigningKey.eddsa("k")
        let issuer = FakeIssuer([])
        issuer.setJWKS(
            #"{"keys":[{"kty":"AKP","alg":"ML-DSA-65","kid":"q"},{"kty":"RSA","use":"enc","alg":"RSA-OAEP","n":"AQ","e":"AQAB"},"#
                + #"{"kty":"EC","crv":"P-256","x":"AA","y":"AA","kid":"broken"},7,\#(key.jwk)]}"#
        )
        try await issuer.run { url, _ in
            try await control(url) { access in
                _ = try await access.viewer(try key.token(Claims(issuer: url).json))
                let nameless = try key.token(Claims(issuer: url).json, header: #"{"alg":"EdDSA"}"#)
                _ = try await access.viewer(nameless)
            }
        }
    }

    @Test func theProviderMustShowACertificateThatIsTrusted() async throws {
        let certificates = try Certificates.shared()
        let key = try await SigningKey.es256("k")
        let tls = ScriptedHTTPServer.TLS(certificate: certificates.server.certificate, key: certificates.server.key)
        try await FakeIssuer([key]).run(tls: tls) { url, _ in
            let token = try key.token(Claims(issuer: url).json)
            try await control(url, caFile: certificates.authority.certificate) { _ = try await $0.viewer(token) }
            try await control(url, caFile: certificates.stranger.certificate) { access in
                await #expect(throws: AccessError.self) { try await access.viewer(token) }
            }
        }
    }

    @Test func whoeverIsLetInIsOutWhenTheTokenExpires() async throws {
        let claims = OIDCClaims(issuer: "i", clientIDs: ["kee"])
        let json = #"{"iss":"i","aud":"kee","exp":1000.5,"sub":"alice"}"#
        let holder = try claims.holder(of: try JSONDocument(parsing: Array(json.utf8)).root, now: 0)
        let clock = Observed(0.0)
        let reviews = ClusterReviews(reviewers: [:]) { _, _, _ in [] }
        let viewer = OIDCViewer(holder: holder, policy: nil, reviews: reviews) { clock.value }
        await #expect(throws: AccessError.nothingVisible) {
            try await viewer.visibility(in: .everything, deadline: .soon)
        }
        clock.change { $0 = 1060.5 }
        await #expect(throws: AccessError.invalidToken("The token has expired.")) {
            try await viewer.visibility(in: .everything, deadline: .soon)
        }
    }

    @Test func groupsOfKubernetesAreNotForAProviderToGive() throws {
        var claims = OIDCClaims(issuer: "i", clientIDs: ["kee"])
        (claims.usernamePrefix, claims.groupsPrefix) = ("oidc:", "")
        let json = #"{"iss":"i","aud":"kee","exp":9e9,"sub":"system:x","groups":["system:masters","sre"]}"#
        let user = try claims.holder(of: try JSONDocument(parsing: Array(json.utf8)).root, now: 0).user
        #expect(user.username == "oidc:system:x")
        #expect(user.groups == ["sre", "system:authenticated"])
        claims.usernameClaim = "email"
        for (verified, isFine) in [
            ("", true), (#","email_verified":true"#, true), (#","email_verified":false"#, false),
        ] {
            let json = #"{"iss":"i","aud":"kee","exp":9e9,"email":"a@b.c"\#(verified)}"#
            let root = try JSONDocument(parsing: Array(json.utf8)).root
            #expect(((try? claims.holder(of: root, now: 0)) != nil) == isFine)
        }
    }
}

@Suite("When keys are fetched")
struct KeyScheduleTests {
    private let start = ContinuousClock.now

    @Test func keysAreFetchedWhenTheyAreNotKnownAndNotMoreOftenThanThat() {
        var schedule = KeySchedule()
        func at(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }
        #expect(schedule.isDue(now: at(0)))
        #expect(schedule.forToken(isKnown: false, now: at(0)) == .fetch)
        schedule.asked(now: at(0))
        #expect(schedule.forToken(isKnown: false, now: at(1)) == .fail, "the first fetch failed, or has not come back")
        #expect(schedule.forToken(isKnown: false, now: at(10)) == .fetch)
        schedule.asked(now: at(10))
        schedule.received()
        #expect(schedule.forToken(isKnown: true, now: at(11)) == .use)
        #expect(schedule.forToken(isKnown: false, now: at(11)) == .use)
        #expect(schedule.forToken(isKnown: false, now: at(20)) == .fetch)
        #expect(!schedule.isDue(now: at(609)) && schedule.isDue(now: at(610)))
        schedule.asked(now: at(610))
        #expect(!schedule.isDue(now: at(619)) && schedule.isDue(now: at(620)), "after a failure sooner")
        #expect(schedule.forToken(isKnown: true, now: at(86_409)) == .use)
        #expect(schedule.forToken(isKnown: true, now: at(86_410)) == .fetch, "a day without a word")
    }
}
