import HTTPTransfer
import JSON
import TestSupport
import Testing

@Suite("Who may read from kee-query", .fewAtOnce, .timeLimit(.minutes(5)))
struct AccessProgramTests {
    /// Events of `shop` and `bank` in the cluster `prod`, and of `shop` in one that is gone.
    private func filled() async throws -> String {
        let database = try await PostgresServer.shared().freshDatabase()
        let folder = try TemporaryDirectory()
        for (cluster, namespaces) in [("prod", ["shop", "bank"]), ("gone", ["shop"])] {
            let lines = namespaces.flatMap { namespace in (0..<5).map { Self.event($0, in: namespace) } }
            let file = try folder.write(lines.joined().utf8, to: "\(cluster).ndjson")
            let run = try await replay([file], into: database, cluster: cluster)
            #expect(run.exit == .code(0), "\(run.errors)")
        }
        return database
    }

    private static func event(_ number: Int, in namespace: String) -> String {
        #"{"kind":"Event","apiVersion":"v1","metadata":{"name":"web.\#(number)","namespace":"\#(namespace)","uid":"#
            + #""\#(namespace)-\#(number)","resourceVersion":"\#(number)","creationTimestamp":"2026-11-20T00:00:00Z"},"#
            + #""involvedObject":{"kind":"Pod","namespace":"\#(namespace)","name":"web"},"reason":"Started","#
            + #""message":"text","lastTimestamp":"2026-11-20T00:00:0\#(number)Z","type":"Normal"}"#
            + "\n"
    }

    private func get(_ client: QueryClient, _ path: String, _ token: String?) async throws -> Answer {
        let http = HTTPTransfer.HTTPClient()
        var request = HTTPRequest(url: "http://\(client.address)\(path)", totalTimeout: .seconds(60))
        if let token { request.headers.append(("Authorization", "Bearer \(token)")) }
        let response = try await http.send(request)
        return Answer(
            status: response.status,
            headers: response.headers,
            body: try await response.body.collect(upTo: 64 << 20)
        )
    }

    /// Cluster and namespace of each item.
    private func places(_ answer: Answer) throws -> Set<String> {
        Set(
            try answer.items().map {
                "\($0["cluster"]?.string ?? "?")/\($0["metadata"]?["namespace"]?.string ?? "?")"
            }
        )
    }

    @Test func tokensOfAFileAreMadeByOneCommandAndWithdrawnByAnotherLine() async throws {
        let database = try await filled()
        let folder = try TemporaryDirectory()
        let made = try await ProgramRun.finished("kee-query", ["token", "grafana", "prod/shop"])
        #expect(made.exit == .code(0), "\(made.errors)")
        let lines = made.output.split(separator: "\n").map(String.init)
        try #require(lines.count == 2)
        let path = try folder.write("\(lines[1])\n".utf8, to: "tokens")
        try await withQuery(
            database,
            ["--rate-limit", "0", "--access", "token", "--token-file", path, "--log-level", "trace"]
        ) { run, client, management in
            try await eventually("the archive", ask: { try await management.get("/readyz").status }) { $0 == 200 }
            #expect(try await get(client, "/events", nil).status == 401)
            #expect(try places(try await get(client, "/events", lines[0])) == ["prod/shop"])
            #expect(try await get(client, "/events/prod/bank", lines[0]).status == 403)
            #expect(try await get(client, "/livez", nil).status == 200)
            #expect(try await management.metric(#"kee_access_denied_total{mode="token",result="forbidden"}"#) == 1)
            try folder.write("# nobody any more\n".utf8, to: "tokens")
            try await eventually("the withdrawal", ask: { try await get(client, "/events", lines[0]).status }) {
                $0 == 401
            }
            try folder.write("nonsense\n".utf8, to: "tokens")
            _ = try await run.waitForLine(containing: "is wrong: the version before stays in use")
            #expect(!run.now.errors.contains(lines[0]), "a token is in the log")
        }
    }

    @Test(
        arguments: [
            (["--access", "token"], 64, "--access token needs --token-file"),
            (["--access", "open,token", "--token-file", "x"], 64, "--access open lets everyone read"),
            (["--access", "saml"], 64, "'saml' is no access mode: there are open, token, oidc, kubernetes"),
            (["--access", "token", "--token-file", "/nowhere/tokens"], 1, "/nowhere/tokens: cannot be found"),
            (
                ["--access", "oidc", "--oidc-issuer", "http://id.example.com", "--oidc-client-id", "kee"], 64,
                "must be an https URL"
            ),
            (["--access", "oidc", "--oidc-issuer", "https://id.example.com"], 64, "--oidc-client-id is missing"),
            (["--access", "kubernetes"], 64, "needs a --review-kubeconfig CLUSTER=FILE"),
            (["--access", "kubernetes", "--review-kubeconfig", "prod"], 64, "'prod' is no review kubeconfig"),
            (["--access", "kubernetes", "--review-kubeconfig", "prod=/nowhere/x"], 1, "/nowhere/x"),
            (
                ["--access", "kubernetes", "--review-kubeconfig", "a=x", "--review-kubeconfig", "a=y"], 64,
                "given twice"
            ),
        ]
    )
    func whatMeansNothingIsSaidAtTheStart(arguments: [String], code: Int32, message: String) async throws {
        let run = try await ProgramRun.finished(
            "kee-query",
            [
                "--database-url", "host=127.0.0.1 port=1", "--listen", "127.0.0.1:0", "--management-listen",
                "127.0.0.1:0",
            ]
                + arguments
        )
        #expect(run.exit == .code(code), "\(run.errors)")
        #expect(run.errors.contains(message), "\(run.errors)")
    }

    @Test func aBadLineEndsItWithFileAndLine() async throws {
        let folder = try TemporaryDirectory()
        let path = try folder.write("# tokens\ngrafana my-secret-token *\n".utf8, to: "tokens")
        let run = try await ProgramRun.finished(
            "kee-query",
            ["--database-url", "host=x", "--listen", "127.0.0.1:0", "--access", "token", "--token-file", path]
        )
        #expect(run.exit == .code(1))
        #expect(run.errors.contains("\(path):2: what stands behind the name is no sha256"), "\(run.errors)")
        #expect(!run.errors.contains("my-secret-token"))
    }

    @Test func clustersAndAnOpenIDProviderTogether() async throws {
        let database = try await filled()
        let certificates = try Certificates.shared()
        let cluster = FakeReviewAPI(
            users: ["shop-token": .init("web"), "admin-token": .init("admin", groups: ["sre"])],
            rights: ["web": ["shop"], "sre": ["*"], "corp:alice": ["bank"]]
        )
        let key = try await SigningKey.es256("k")
        let folder = try TemporaryDirectory()
        let policy = try folder.write(
            """
            rules:
            - {from: kubernetes/prod, groups: [sre], grants: [gone]}
            - {from: oidc, groups: [historians], grants: [gone/shop]}
            """.utf8,
            to: "policy.yaml"
        )
        let tls = ScriptedHTTPServer.TLS(
            certificate: certificates.server.certificate,
            key: certificates.server.key
        )
        try await ScriptedHTTPServer.run(answer: cluster.answer) { apiServer in
            try await FakeIssuer([key]).run(tls: tls) { issuer, _ in
                let kubeconfig = try Kubeconfig(server: apiServer.url, token: FakeReviewAPI.reviewerToken)
                let arguments = [
                    "--rate-limit", "0", "--access", "oidc", "--access", "kubernetes", "--access-policy", policy,
                    "--review-kubeconfig", "prod=\(kubeconfig.path)", "--oidc-issuer", issuer, "--oidc-client-id",
                    "kee", "--oidc-username-prefix", "corp:", "--oidc-ca-file", certificates.authority.certificate,
                ]
                try await withQuery(database, arguments) { run, client, management in
                    try await eventually("the archive", ask: { try await management.get("/readyz").status }) {
                        $0 == 200
                    }
                    let now = FakeAPIServer.now / 1_000_000
                    func token(_ audience: String, _ expiry: Int64) throws -> String {
                        try key.token(
                            #"{"iss":"\#(issuer)","aud":"\#(audience)","sub":"alice","exp":\#(now + expiry),"#
                                + #""groups":["historians","system:masters","sre"]}"#
                        )
                    }
                    #expect(try places(try await get(client, "/events", "shop-token")) == ["prod/shop"])
                    #expect(
                        try places(try await get(client, "/events", "admin-token"))
                            == ["prod/shop", "prod/bank", "gone/shop"]
                    )
                    #expect(try await get(client, "/events/gone", "shop-token").status == 403)
                    // The provider's groups are the cluster's groups; Kubernetes' own are not the provider's to give.
                    #expect(
                        try places(try await get(client, "/events", try token("kee", 300)))
                            == ["prod/shop", "prod/bank", "gone/shop"]
                    )
                    cluster.allow("sre", [])
                    for (path, status) in [("/events", 401), ("/events/prod", 401), ("/events/nowhere", 401)] {
                        #expect(try await get(client, path, try token("other", 300)).status == status)
                        #expect(try await get(client, path, try token("kee", -300)).status == status)
                        #expect(try await get(client, path, "made-up").status == status)
                    }
                    cluster.setAway(true)
                    #expect(try await get(client, "/events", "another").status == 503)
                    let known = try await get(client, "/events/prod/shop", "shop-token")
                    #expect(known.status == 200 || known.status == 503, "by an answer that is kept, or not at all")
                    for secret in ["shop-token", "admin-token", FakeReviewAPI.reviewerToken + "\"", "eyJ"] {
                        #expect(!run.now.errors.contains(secret), "a token is in the log")
                    }
                    #expect(
                        try await management.metric(#"kee_request_processing_seconds_count{kind="tokenreview"}"#) >= 3
                    )
                    #expect(
                        try await management.metric(#"kee_request_processing_seconds_count{kind="oidc_keys"}"#) == 1
                    )
                }
            }
        }
    }
}
