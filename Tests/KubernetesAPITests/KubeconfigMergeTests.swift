import HTTPTransfer
import TestSupport
import Testing

@testable import KubernetesAPI

@Suite("Several kubeconfigs") struct KubeconfigMergeTests {
    private static let first = """
        clusters:
        - {name: shared, cluster: {server: "https://first:1", certificate-authority: ca.crt}}
        users:
        - {name: red, user: {token: first}}
        contexts:
        - {name: one, context: {cluster: shared, user: blue}}
        """

    private static let second = """
        current-context: two
        clusters:
        - {name: shared, cluster: {server: "https://second:2", tls-server-name: other}}
        - {name: own, cluster: {server: "https://own:3", certificate-authority: pki/ca.crt}}
        - name: broken
          cluster: {}
        users:
        - {name: red, user: {tokenFile: token}}
        - {name: blue, user: {tokenFile: tokens/blue}}
        contexts:
        - {name: one, context: {cluster: own}}
        - {name: two, context: {cluster: own, user: red}}
        - {name: half, context: {cluster: broken}}
        - {name: lost, context: {cluster: gone}}
        """

    private let folder: TemporaryDirectory
    private let paths: [String]

    init() throws {
        folder = try TemporaryDirectory()
        paths = [
            folder.file("missing"), try folder.write(Self.first.utf8, to: "a"), try folder.write("".utf8, to: "empty"),
            try folder.write(Self.second.utf8, to: "b"),
        ]
    }

    @Test func theFirstOccurrenceOfANameWinsWhole() async throws {
        let kubeconfig = try await Kubeconfig.load(paths: paths)
        #expect(kubeconfig.contextNames == ["one", "two", "half", "lost"])
        let one = try kubeconfig.configuration(context: "one")
        #expect(one.server == "https://first:1")
        // Nothing of the second file's entry of that name.
        #expect(one.tls.serverName == nil)
    }

    @Test func theFirstCurrentContextThatIsSetCounts() async throws {
        let kubeconfig = try await Kubeconfig.load(paths: paths)
        #expect(kubeconfig.currentContext == "two")
        let two = try kubeconfig.configuration()
        #expect(two.server == "https://own:3" && two.token == .fixed("first"))
    }

    @Test func pathsAreRelativeToTheFileThatHoldsThem() async throws {
        let other = try TemporaryDirectory()
        let elsewhere = try other.write(Self.second.utf8, to: "config")
        let kubeconfig = try await Kubeconfig.load(paths: [folder.file("a"), elsewhere])
        let one = try kubeconfig.configuration(context: "one")
        #expect(one.tls.certificateAuthority == .file(folder.file("ca.crt")))
        #expect(one.token == .file(other.file("tokens/blue")))
        let two = try kubeconfig.configuration(context: "two")
        #expect(two.tls.certificateAuthority == .file(other.file("pki/ca.crt")))
    }

    @Test func anErrorNamesItsOwnFileAndLine() async throws {
        let kubeconfig = try await Kubeconfig.load(paths: paths)
        let half = try #require(throws: KubeconfigError.self) { try kubeconfig.configuration(context: "half") }
        #expect("\(half)" == "kubeconfig \(folder.file("b")), line 5: cluster \"broken\" has no server")
        let lost = try #require(throws: KubeconfigError.self) { try kubeconfig.configuration(context: "lost") }
        #expect(lost.path == folder.file("b"))
        #expect(lost.problem.contains("which none of the files has (they have: shared, own, broken)"))
        try folder.write("clusters: 5".utf8, to: "c")
        let error = await #expect(throws: KubeconfigError.self) {
            try await Kubeconfig.load(paths: paths + [folder.file("c")])
        }
        #expect(error?.path == folder.file("c"))
    }

    @Test func ifNoneIsThereTheFirstIsNamed() async throws {
        let error = await #expect(throws: KubeconfigError.self) {
            try await Kubeconfig.load(paths: [folder.file("x"), folder.file("y")])
        }
        #expect(error?.path == folder.file("x"))
        // A file that is there and cannot be read is not passed over.
        await #expect(throws: KubeconfigError.self) { try await Kubeconfig.load(paths: paths + [folder.path]) }
    }
}

@Suite("What a kubeconfig warns of, and refuses of a proxy") struct KubeconfigWarningTests {
    private func configuration(_ cluster: String) throws -> ClientConfiguration {
        let text = """
            current-context: c
            clusters: [{name: prod, cluster: {\(cluster)}}]
            contexts: [{name: c, context: {cluster: prod}}]
            """
        return try Kubeconfig(parsing: text, path: "/k").configuration()
    }

    @Test func aServerThatIsNotCheckedIsSaid() throws {
        let warnings = try configuration(#"server: "https://10.0.0.1", insecure-skip-tls-verify: true"#).warnings
        #expect(warnings.count == 1)
        #expect(warnings.first?.contains("https://10.0.0.1 (cluster \"prod\" of kubeconfig /k)") == true)
        #expect(try configuration(#"server: "https://10.0.0.1""#).warnings.isEmpty)
    }

    @Test func aProxyOfAnotherKindIsRefusedWithoutBeingShown() throws {
        let error = try #require(throws: KubeconfigError.self) {
            try configuration(#"server: "https://10.0.0.1", proxy-url: "ftp://me:hunter2@proxy""#)
        }
        #expect(error.problem == "proxy-url of cluster \"prod\" must begin with http://, https:// or socks5://")
    }
}
