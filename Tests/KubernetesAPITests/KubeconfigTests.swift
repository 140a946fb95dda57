import HTTPTransfer
import Testing

@testable import KubernetesAPI

@Suite struct KubeconfigTests {
    private static let pem = "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n"
    private static let pemData = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCmFiYwotLS0tLUVORCBDRVJUSUZJQ0FURS0tLS0tCg=="

    private static let text = """
        apiVersion: v1
        kind: Config
        preferences: {}
        current-context: prod
        clusters:
        - name: prod
          cluster:
            server: https://10.0.0.1:6443/
            certificate-authority-data: \(pemData)
        - name: dev
          cluster:
            server: https://dev.example/k8s/clusters/c-1
            certificate-authority: ca/dev.crt
            tls-server-name: kube.dev
            proxy-url: socks5://127.0.0.1:1080
        - name: bare
          cluster: {server: "https://127.0.0.1:1", insecure-skip-tls-verify: true}
        - name: nowhere
          cluster: {}
        - name: strange
          cluster: {server: "10.0.0.1:6443"}
        - name: secretive
          cluster: {server: "https://me:hunter2@10.0.0.1"}
        users:
        - name: token
          user: {token: "s3cret"}
        - name: file
          user: {tokenFile: tokens/dev, token: "0ld"}
        - name: certificate
          user: {client-certificate: /pki/me.crt, client-key-data: \(pemData)}
        - name: half
          user: {client-certificate: /pki/me.crt}
        - name: plugin
          user:
            exec: {command: aws, apiVersion: client.authentication.k8s.io/v1}
        - name: old
          user: {username: admin, password: hunter2}
        - name: other
          user: {token: t, as: somebody}
        - name: broken
          user: {client-certificate-data: "!!!", client-key-data: "aGVsbG8="}
        - name: nobody
        contexts:
        - name: prod
          context: {cluster: prod, user: token, namespace: shop}
        - name: dev
          context: {cluster: dev, user: file}
        - name: bare
          context: {cluster: bare, user: certificate}
        - {name: half, context: {cluster: bare, user: half}}
        - {name: plugin, context: {cluster: bare, user: plugin}}
        - {name: old, context: {cluster: bare, user: old}}
        - {name: other, context: {cluster: bare, user: other}}
        - {name: broken, context: {cluster: bare, user: broken}}
        - {name: nobody, context: {cluster: bare, user: nobody}}
        - {name: anonymous, context: {cluster: bare}}
        - {name: lost, context: {cluster: gone, user: token}}
        - {name: stranger, context: {cluster: prod, user: gone}}
        - {name: nowhere, context: {cluster: nowhere, user: token}}
        - {name: strange, context: {cluster: strange, user: token}}
        - {name: empty, context: {}}
        - {name: secretive, context: {cluster: secretive}}
        """

    private func configuration(_ context: String? = nil) throws -> ClientConfiguration {
        try Kubeconfig(parsing: Self.text, path: "/home/me/.kube/config").configuration(context: context)
    }

    @Test func theCurrentContextCountsWhenNoneIsNamed() throws {
        let found = try configuration()
        #expect(found.server == "https://10.0.0.1:6443")
        #expect(found.tls == TLSOptions(certificateAuthority: .pem(Array(Self.pem.utf8))))
        #expect(found.token == .fixed("s3cret"))
        #expect(found.namespace == "shop")
        #expect(found.proxy == nil)
    }

    @Test func aNamedContextCountsMoreAndItsPathsAreRelativeToTheFile() throws {
        let found = try configuration("dev")
        #expect(found.server == "https://dev.example/k8s/clusters/c-1")
        let tls = TLSOptions(certificateAuthority: .file("/home/me/.kube/ca/dev.crt"), serverName: "kube.dev")
        #expect(found.tls == tls)
        #expect(found.proxy == "socks5://127.0.0.1:1080")
        #expect(found.token == .file("/home/me/.kube/tokens/dev", fallback: "0ld"))
    }

    @Test func aClientCertificateCanBePartFilePartData() throws {
        let found = try configuration("bare")
        #expect(found.tls.clientCertificate == .file("/pki/me.crt"))
        #expect(found.tls.clientKey == .pem(Array(Self.pem.utf8)))
        #expect(!found.tls.verifiesPeer)
        #expect(found.token == .none)
    }

    @Test(arguments: ["anonymous", "nobody"]) func aUserWithoutAnythingIsAnonymous(context: String) throws {
        let found = try configuration(context)
        #expect(found.token == .none && found.tls.clientCertificate == nil)
    }

    @Test(arguments: [
        ("old", #"user "old" uses username, which API servers no longer accept"#, 36),
        ("other", #"user "other" uses as, which is not supported"#, 38),
        ("half", #"user "half" has a client-certificate, but no client-key; add"#, 31),
        ("broken", #"client-certificate-data of user "broken" is not base64"#, 40),
        ("lost", #"names the cluster "gone", which the file does not have (it has: prod, dev, bare"#, 57),
        ("stranger", #"names the user "gone", which the file does not have (it has: token, file"#, 58),
        ("nowhere", #"cluster "nowhere" has no server"#, 18),
        ("strange", #"server of cluster "strange" is "10.0.0.1:6443"; it must begin with https://"#, 20),
        ("secretive", #"server of cluster "secretive" holds a user, a query or a fragment"#, 22),
        ("empty", #"context "empty" names no cluster"#, 61),
    ])
    func whatCannotBeUsedIsNamedWithItsLine(context: String, problem: String, line: Int) throws {
        let error = try #require(throws: KubeconfigError.self) { try configuration(context) }
        #expect("\(error)".hasPrefix("kubeconfig /home/me/.kube/config, line \(line): "), "\(error)")
        #expect(error.problem.contains(problem), "\(error)")
        #expect(!"\(error)".contains("hunter2") && !"\(error)".contains("s3cret"))
    }

    @Test func aContextThatIsNotThereIsNamedWithThoseThatAre() throws {
        let error = try #require(throws: KubeconfigError.self) { try configuration("prd") }
        #expect(error.problem.hasPrefix("it has no context \"prd\"; name one with --context (it has: prod, dev, bare"))
    }

    @Test(arguments: [
        ("", "it is empty, or not a mapping"), ("- a\n- b\n", "it is empty, or not a mapping"),
        ("a: [1, 2", "it is not valid YAML"), ("clusters: 5", "clusters must be a list"),
        ("clusters:\n- cluster: {}\n", "an entry of clusters has no name"),
        ("users:\n- {name: u, user: 5}\n", "user of users entry \"u\" must be a mapping"),
        ("users:\n- {name: u, user: {token: [1]}}\n", "token of user \"u\" must be a text"),
        ("clusters:\n- {name: c, cluster: {insecure-skip-tls-verify: maybe}}\n", "must be true or false"),
    ])
    func aFileThatIsNoKubeconfigSaysWhatIsWrong(text: String, problem: String) throws {
        let error = try #require(throws: KubeconfigError.self) { try Kubeconfig(parsing: text, path: "k") }
        #expect(error.problem.contains(problem), "\(error)")
    }

    @Test func withoutACurrentContextOneMustBeNamed() throws {
        let kubeconfig = try Kubeconfig(parsing: "contexts:\n- {name: a, context: {}}\n", path: "k")
        let error = try #require(throws: KubeconfigError.self) { try kubeconfig.configuration() }
        #expect(error.problem == "it has no current-context; name one with --context (it has: a)")
    }

    @Test func jsonIsAKubeconfigToo() throws {
        let text = """
            {"current-context":"c","clusters":[{"name":"c","cluster":{"server":"http://127.0.0.1:8001"}}],
             "contexts":[{"name":"c","context":{"cluster":"c"}}]}
            """
        #expect(try Kubeconfig(parsing: text, path: "k").configuration().server == "http://127.0.0.1:8001")
    }

    @Test func theDefaultPathsAreKubectls() {
        #expect(Kubeconfig.defaultPaths(environment: ["HOME": "/root"]) == ["/root/.kube/config"])
        #expect(Kubeconfig.defaultPaths(environment: ["HOME": "/root", "KUBECONFIG": ""]) == ["/root/.kube/config"])
        #expect(Kubeconfig.defaultPaths(environment: ["HOME": "/root", "KUBECONFIG": ":/a:/b:/a"]) == ["/a", "/b"])
        #expect(Kubeconfig.defaultPaths(environment: [:]) == [])
    }

    @Test func aMissingFileIsNamed() async throws {
        let error = await #expect(throws: KubeconfigError.self) {
            try await Kubeconfig.load(path: "/nonexistent/config")
        }
        #expect(error.map { "\($0)" } == "kubeconfig /nonexistent/config: cannot be opened: No such file or directory")
    }

    @Test func aTokenIsNeverShown() {
        #expect("\(TokenSource.fixed("s3cret"))" == "a fixed token")
        var plugin = ExecPlugin(command: "aws", owner: "user \"me\"")
        plugin.environment = ["AWS_SECRET_ACCESS_KEY": "s3cret"]
        #expect("\(TokenSource.plugin(plugin))" == "what the exec plugin aws hands out")
        #expect(String(reflecting: TokenSource.file("/t", fallback: "s3cret")) == "the token in /t")
        var dumped = ""
        dump(ClientConfiguration(server: "https://x", token: .fixed("s3cret")), to: &dumped)
        #expect(!dumped.contains("s3cret"))
    }
}
