import EventReader
import KubernetesAPI
import Logging
import TestSupport
import Testing

@testable import Access

/// Two clusters, each with an API server that reviews, and one that is gone.
struct ReviewedClusters: Sendable {
    let prod = FakeReviewAPI(
        users: [
            "shop-token": .init("system:serviceaccount:shop:web", groups: ["system:serviceaccounts"]),
            "admin-token": .init("admin", groups: ["sre"]),
            "nobody-token": .init("nobody"),
            "kee-token": .init("system:serviceaccount:shop:web", audiences: ["kee"]),
        ],
        rights: ["system:serviceaccount:shop:web": ["shop"], "sre": ["*"]]
    )
    let dev = FakeReviewAPI(
        users: ["admin-token": .init("admin"), "dev-token": .init("dev")],
        rights: ["dev": ["*"], "admin": ["shop", "bank"]]
    )
    /// Of `prod`, as the archive knows them.
    var namespaces = ["bank", "default", "shop"]

    func run(
        policy: String = "",
        audiences: [String] = [],
        _ body: @escaping @Sendable (AccessControl, ScriptedHTTPServer.Log, ScriptedHTTPServer.Log) async throws -> Void
    ) async throws {
        try await ScriptedHTTPServer.run(answer: prod.answer) { prodServer in
            try await ScriptedHTTPServer.run(answer: dev.answer) { devServer in
                let folder = try TemporaryDirectory()
                var settings = AccessSettings(modes: [.kubernetes])
                for (name, server) in [("prod", prodServer), ("dev", devServer)] {
                    settings.reviewKubeconfigs[name] = try folder.write(
                        Self.kubeconfig(server.url).utf8,
                        to: "\(name).yaml"
                    )
                }
                if !policy.isEmpty { settings.policyFile = try folder.write(policy.utf8, to: "policy.yaml") }
                settings.reviewAudiences = audiences
                let names = namespaces
                let access = try await AccessControl.build(settings, version: "1", logger: Logger(label: "test")) {
                    cluster,
                    limit,
                    _ in Array(names.prefix(limit))
                }
                try await body(access, prodServer.log, devServer.log)
            }
        }
    }

    static func kubeconfig(_ server: String) -> String {
        """
        {apiVersion: v1, kind: Config, current-context: c, clusters: [{name: c, cluster: {server: "\(server)"}}],
        users: [{name: u, user: {token: \(FakeReviewAPI.reviewerToken)}}],
        contexts: [{name: c, context: {cluster: c, user: u}}]}
        """
    }
}

@Suite("What clusters say that people may see", .timeLimit(.minutes(2)))
struct KubernetesReviewTests {
    private func isUnavailable(_ error: AccessError?) -> Bool {
        if case .unavailable = error { true } else { false }
    }

    @Test func peopleSeeInTheArchiveWhatTheyMaySeeInTheCluster() async throws {
        try await ReviewedClusters().run { access, prod, dev in
            let web = try await access.viewer("shop-token", cluster: "prod")
            #expect(web.name == "kubernetes/prod:system:serviceaccount:shop:web")
            #expect(dev.entries.tokenReviews == 0, "no other cluster learns of the token")
            let shop: Visibility = .only(["prod": .only(["shop"])])
            for scope: EventQuery.Scope in [
                .everything, .cluster("prod"), .namespace(cluster: "prod", namespace: "shop"),
            ] {
                #expect(try await web.visibility(in: scope, deadline: .soon) == shop)
            }
            for scope: EventQuery.Scope in [
                .namespace(cluster: "prod", namespace: "bank"), .namespace(cluster: "prod", namespace: "nowhere"),
                .cluster("dev"), .cluster("gone"), .cluster("unheard-of"),
                .namespace(cluster: "gone", namespace: "shop"),
            ] {
                await #expect(throws: AccessError.nothingVisible) {
                    try await web.visibility(in: scope, deadline: .soon)
                }
            }
            let admin = try await access.viewer("admin-token", cluster: "prod")
            #expect(
                try await admin.visibility(in: .everything, deadline: .soon)
                    == .only(["prod": .all, "dev": .only(["shop", "bank"])])
            )
            let nobody = try await access.viewer("nobody-token")
            await #expect(throws: AccessError.nothingVisible) {
                try await nobody.visibility(in: .everything, deadline: .soon)
            }
        }
    }

    @Test func aTokenThatNoClusterKnowsIsRefusedTheSameEverywhere() async throws {
        try await ReviewedClusters().run { access, _, _ in
            for cluster in ["prod", "dev", "unheard-of", nil] {
                await #expect(throws: AccessError.invalidToken()) {
                    try await access.viewer("made-up", cluster: cluster)
                }
            }
            // One that another cluster knows makes somebody known, and shows them nothing here.
            let dev = try await access.viewer("dev-token", cluster: "prod")
            await #expect(throws: AccessError.nothingVisible) {
                try await dev.visibility(in: .cluster("prod"), deadline: .soon)
            }
        }
    }

    @Test func answersAreKeptForAMinuteAndEachQuestionIsPutOnce() async throws {
        let clusters = ReviewedClusters()
        try await clusters.run { access, prod, dev in
            let gate = ScriptedHTTPServer.Gate()
            clusters.prod.hold(gate)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        let web = try await access.viewer("shop-token", cluster: "prod")
                        _ = try await web.visibility(in: .cluster("prod"), deadline: .soon)
                    }
                }
                try await prod.wait { $0.tokenReviews == 1 }
                gate.open()
                try await group.waitForAll()
            }
            #expect(prod.entries.tokenReviews == 1)
            #expect(prod.entries.accessReviews == 4, "the whole cluster, and three namespaces")
            for _ in 0..<5 {
                await #expect(throws: AccessError.self) { try await access.viewer("made-up", cluster: "prod") }
            }
            #expect(prod.entries.tokenReviews == 2 && dev.entries.tokenReviews == 1, "a refusal is kept as well")
            // A token that is withdrawn, and a right: for a minute they still count.
            clusters.prod.forget(token: "shop-token")
            clusters.prod.allow("system:serviceaccount:shop:web", [])
            let web = try await access.viewer("shop-token", cluster: "prod")
            #expect(try await web.visibility(in: .cluster("prod"), deadline: .soon) == .only(["prod": .only(["shop"])]))
        }
    }

    @Test func anAPIServerThatIsAwayLetsNobodyIn() async throws {
        let clusters = ReviewedClusters()
        try await clusters.run { access, prod, _ in
            clusters.prod.setAway(true)
            let error = await #expect(throws: AccessError.self) {
                try await access.viewer("shop-token", cluster: "prod")
            }
            #expect(isUnavailable(error), "whose token it is cannot be told")
            // Known elsewhere: that the cluster is away is no refusal of what it might allow.
            let admin = try await access.viewer("admin-token", cluster: "dev")
            let away = await #expect(throws: AccessError.self) {
                try await admin.visibility(in: .cluster("prod"), deadline: .soon)
            }
            #expect(isUnavailable(away))
            // Over all clusters it is left out, and counted.
            #expect(
                try await admin.visibility(in: .everything, deadline: .soon) == .only(["dev": .only(["shop", "bank"])])
            )
            #expect(admin.clustersLeftOut == 1)
            #expect(prod.entries.requests.count <= 3, "it is left alone for a while")
            clusters.dev.setAway(true)
        }
    }

    @Test func whoMayNotReviewIsAFaultOfOursAndNotOfTheirs() async throws {
        let clusters = ReviewedClusters()
        try await clusters.run { access, _, _ in
            clusters.prod.setForbidden(true)
            let error = await #expect(throws: AccessError.self) {
                try await access.viewer("shop-token", cluster: "prod")
            }
            #expect(isUnavailable(error))
        }
    }

    @Test func aTokenForAnotherAudienceIsNotTaken() async throws {
        try await ReviewedClusters().run(audiences: ["kee"]) { access, _, _ in
            _ = try await access.viewer("kee-token", cluster: "prod")
            await #expect(throws: AccessError.invalidToken()) {
                try await access.viewer("shop-token", cluster: "prod")
            }
        }
        try await ReviewedClusters().run { access, _, _ in
            _ = try await access.viewer("shop-token", cluster: "prod")
        }
    }

    @Test func clustersThatAreGoneAreSeenByThePolicyOnly() async throws {
        let policy = """
            rules:
            - {from: kubernetes/prod, groups: [sre], grants: [gone]}
            - {from: kubernetes/prod, users: ["system:serviceaccount:shop:web"], grants: [gone/shop]}
            """
        let clusters = ReviewedClusters()
        try await clusters.run(policy: policy) { access, _, _ in
            let web = try await access.viewer("shop-token")
            #expect(
                try await web.visibility(in: .everything, deadline: .soon)
                    == .only(["prod": .only(["shop"]), "gone": .only(["shop"])])
            )
            #expect(try await web.visibility(in: .cluster("gone"), deadline: .soon) == .only(["gone": .only(["shop"])]))
            await #expect(throws: AccessError.nothingVisible) {
                try await web.visibility(in: .namespace(cluster: "gone", namespace: "bank"), deadline: .soon)
            }
            // The admin of dev is no admin of prod's word.
            let dev = try await access.viewer("dev-token")
            await #expect(throws: AccessError.nothingVisible) {
                try await dev.visibility(in: .cluster("gone"), deadline: .soon)
            }
            clusters.prod.setAway(true)
            let admin = try await access.viewer("admin-token", cluster: "dev")
            let error = await #expect(throws: AccessError.self) {
                try await admin.visibility(in: .cluster("gone"), deadline: .soon)
            }
            #expect(isUnavailable(error))
        }
    }

    @Test func tooManyNamespacesAreSaidAndNotCutOff() async throws {
        var clusters = ReviewedClusters()
        clusters.namespaces = (0..<501).map { "n\($0)" }
        try await clusters.run { access, prod, _ in
            let web = try await access.viewer("shop-token", cluster: "prod")
            let error = await #expect(throws: AccessError.self) {
                try await web.visibility(in: .cluster("prod"), deadline: .soon)
            }
            guard case .forbidden(let detail) = error else { throw error ?? .busy }
            #expect(detail.contains("Ask for a namespace"))
            #expect(prod.entries.accessReviews == 1)
            #expect(
                try await web.visibility(in: .namespace(cluster: "prod", namespace: "shop"), deadline: .soon)
                    == .only(["prod": .only(["shop"])])
            )
            let admin = try await access.viewer("admin-token", cluster: "prod")
            #expect(try await admin.visibility(in: .cluster("prod"), deadline: .soon) == .only(["prod": .all]))
        }
    }

    @Test func aKubeconfigThatIsWrongIsNamedAtTheStart() async throws {
        var settings = AccessSettings(modes: [.kubernetes])
        settings.reviewKubeconfigs = ["prod": "/nowhere/prod.yaml"]
        let error = await #expect(throws: KubeconfigError.self) {
            try await AccessControl.build(settings, version: "1", logger: Logger(label: "test")) { _, _, _ in [] }
        }
        #expect(error?.description.contains("/nowhere/prod.yaml") == true)
    }
}
