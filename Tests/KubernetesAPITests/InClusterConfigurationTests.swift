import HTTPTransfer
import TestSupport
import Testing

@testable import KubernetesAPI

@Suite struct InClusterConfigurationTests {
    private let environment = ["KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "443"]

    @Test func aPodFindsItsServer() async throws {
        let folder = try TemporaryDirectory()
        try folder.write("t0ken".utf8, to: "token")
        try folder.write("-----BEGIN CERTIFICATE-----".utf8, to: "ca.crt")
        try folder.write("collector\n".utf8, to: "namespace")
        let found = try await InClusterConfiguration.load(environment: environment, folder: folder.path)
        #expect(found.server == "https://10.96.0.1:443")
        #expect(found.tls == TLSOptions(certificateAuthority: .file(folder.path + "/ca.crt")))
        #expect(found.token == .file(folder.path + "/token"))
        #expect(found.namespace == "collector")
        var v6 = environment
        v6["KUBERNETES_SERVICE_HOST"] = "fd00::1"
        let other = try await InClusterConfiguration.load(environment: v6, folder: folder.path)
        #expect(other.server == "https://[fd00::1]:443")
    }

    @Test func whatIsNoPodSaysSo() async throws {
        #expect(!InClusterConfiguration.isInCluster(environment: ["KUBERNETES_SERVICE_HOST": "10.96.0.1"]))
        #expect(InClusterConfiguration.isInCluster(environment: environment))
        let error = await #expect(throws: InClusterError.self) {
            try await InClusterConfiguration.load(environment: [:], folder: "/nonexistent")
        }
        #expect(error?.problem.contains("name a kubeconfig with --kubeconfig") == true)
    }

    @Test func aPodWithoutItsServiceAccountSaysWhatIsMissing() async throws {
        let folder = try TemporaryDirectory()
        try folder.write("t0ken".utf8, to: "token")
        let error = await #expect(throws: InClusterError.self) {
            try await InClusterConfiguration.load(environment: environment, folder: folder.path)
        }
        #expect(error?.problem.contains(folder.path + "/ca.crt: cannot be opened") == true)
        #expect(error?.problem.contains("automountServiceAccountToken: true") == true)
    }
}
