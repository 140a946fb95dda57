import EventReader
import KubernetesAPI
import Testing

@testable import Access

@Suite("What grants and policies give")
struct GrantsTests {
    static let scopes: [EventQuery.Scope] = [
        .everything, .cluster("prod"), .cluster("dev"), .namespace(cluster: "prod", namespace: "shop"),
        .namespace(cluster: "prod", namespace: "bank"), .namespace(cluster: "dev", namespace: "shop"),
    ]

    @Test func nothingOutsideAScopeIsInIt() throws {
        let shop: NamespaceVisibility = .only(["shop"])
        let table: [([String], [Visibility])] = [
            ([], [.only([:]), .only([:]), .only([:]), .only([:]), .only([:]), .only([:])]),
            (
                ["*"],
                [
                    .everything, .only(["prod": .all]), .only(["dev": .all]), .only(["prod": shop]),
                    .only(["prod": .only(["bank"])]), .only(["dev": shop]),
                ]
            ),
            (
                ["prod/shop"],
                [
                    .only(["prod": shop]), .only(["prod": shop]), .only([:]), .only(["prod": shop]), .only([:]),
                    .only([:]),
                ]
            ),
            (
                ["prod/shop", "prod"],
                [
                    .only(["prod": .all]), .only(["prod": .all]), .only([:]), .only(["prod": shop]),
                    .only(["prod": .only(["bank"])]), .only([:]),
                ]
            ),
        ]
        for (grants, expected) in table {
            let visibility = try Grants(parsing: grants).visibility
            #expect(Self.scopes.map { visibility.narrowed(to: $0) } == expected, "\(grants)")
        }
    }

    private func policy(_ text: String) throws(AccessFileError) -> AccessPolicy {
        try AccessPolicy(parsing: Array(text.utf8), path: "policy.yaml", reviewed: ["prod", "dev"])
    }

    @Test func aPolicyGrantsWhatItsRulesSayTogetherAndNothingElse() throws {
        let policy = try policy(
            """
            rules:
            - from: oidc
              groups: [sre]
              grants: ["prod", "dev/shop"]
            - from: oidc
              users: [alice]
              grants: ["old"]
            - from: kubernetes/prod
              everyone: true
              grants: ["old/shop"]
            """
        )
        let alice = ReviewedUser(username: "alice", groups: ["sre"])
        let bob = ReviewedUser(username: "bob", groups: ["alice"])
        #expect(
            policy.visibility(of: alice, from: .oidc)
                == .only(["prod": .all, "dev": .only(["shop"]), "old": .all])
        )
        #expect(policy.visibility(of: bob, from: .oidc) == .only([:]), "a group is no user")
        #expect(policy.visibility(of: bob, from: .cluster("prod")) == .only(["old": .only(["shop"])]))
        #expect(policy.visibility(of: bob, from: .cluster("dev")) == .only([:]))
        #expect(policy.vouchers(for: .cluster("old")) == ["prod"])
        #expect(policy.vouchers(for: .namespace(cluster: "old", namespace: "bank")) == [])
    }

    @Test(
        arguments: [
            ("rules: 1", "'rules' must be a list"),
            ("role: []", "there is no 'role' here"),
            ("rules:\n- grants: ['*']", "a rule needs 'from'"),
            ("rules:\n- {from: saml, everyone: true, grants: ['*']}", "'from' must be oidc"),
            ("rules:\n- {from: oidc, grants: ['*']}", "a rule is for nobody"),
            ("rules:\n- {from: oidc, everyone: true}", "a rule grants nothing"),
            ("rules:\n- {from: oidc, everyone: yes, grants: ['*']}", "'everyone' must be true or false"),
            ("rules:\n- {from: oidc, user: [a], grants: ['*']}", "there is no 'user' in a rule"),
            ("rules:\n- {from: oidc, users: [a], grants: ['prod/*']}", "'prod/*' is no grant"),
            ("rules:\n- {from: kubernetes/prod, everyone: true, grants: [dev]}", "'dev' has a --review-kubeconfig"),
            ("rules:\n- {from: kubernetes/prod, everyone: true, grants: ['*']}", "a rule from a cluster names"),
            ("rules:\n- {from: kubernetes/old, everyone: true, grants: [x]}", "the rule takes the word of 'old'"),
            ("rules: [", "this is no YAML"),
        ]
    )
    func aWrongPolicyIsRefusedWithItsPlace(text: String, problem: String) throws {
        let error = #expect(throws: AccessFileError.self) { try policy(text) }
        #expect(error?.problem.hasPrefix(problem) == true, "\(String(describing: error))")
        #expect(error?.path == "policy.yaml")
    }

    @Test func settingsThatMeanNothingTogetherAreRefused() throws {
        func problem(_ modes: Set<AccessMode>, _ change: (inout AccessSettings) -> Void = { _ in }) -> String {
            var settings = AccessSettings(modes: modes)
            change(&settings)
            return settings.problem ?? ""
        }
        #expect(problem([.open]) == "")
        #expect(problem([.open, .token]).hasPrefix("--access open lets everyone read"))
        #expect(problem([.token]).hasPrefix("--access token needs --token-file"))
        #expect(problem([.open]) { $0.tokenFile = "x" }.hasPrefix("--token-file is given without"))
        #expect(problem([.oidc]).hasPrefix("--access oidc needs"))
        #expect(problem([.kubernetes]).hasPrefix("--access kubernetes needs"))
        let provider = OIDCSettings(issuer: "https://id.example.com", clientIDs: ["kee"])
        #expect(problem([.oidc]) { $0.oidc = provider }.hasPrefix("--access oidc alone lets nobody see anything"))
        #expect(
            problem([.oidc]) {
                $0.oidc = provider
                $0.policyFile = "x"
            } == ""
        )
        for (issuer, isFine) in [
            ("https://id.example.com", true), ("http://127.0.0.1:5556/dex", true), ("http://[::1]:80", true),
            ("http://localhost:1", true), ("http://id.example.com", false), ("http://127.0.0.1@evil.com", false),
            ("http://127.0.0.1.evil.com", false), ("ftp://x", false), ("https://", false), ("https://a?b", false),
        ] {
            #expect((OIDCSettings(issuer: issuer, clientIDs: ["kee"]).problem == nil) == isFine, "\(issuer)")
        }
        #expect(
            OIDCSettings(issuer: "https://a", clientIDs: []).problem?.hasPrefix("--oidc-client-id is missing") == true
        )
    }
}
