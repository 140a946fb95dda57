import Foundation
import HTTPTransfer
import Logging
import TestSupport
import Testing

@testable import KubernetesAPI

/// Real programs: shell scripts that are written for each test.
@Suite("Exec plugins", .timeLimit(.minutes(1))) struct ExecPluginTests {
    private let folder: TemporaryDirectory

    init() throws {
        folder = try TemporaryDirectory()
    }

    /// A plugin that is a shell script; `$1` is the test's folder.
    private func plugin(_ script: String) throws -> ExecPlugin {
        let path = try folder.write("#!/bin/sh\n\(script)\n".utf8, to: "login")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        var plugin = ExecPlugin(command: path, owner: "user \"me\" of kubeconfig /k")
        plugin.arguments = [folder.path]
        return plugin
    }

    /// Prints a credential whose token is what the shell makes of the text.
    private func credential(_ token: String, more: String = "") -> String {
        #"echo "{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{"#
            + #"\"token\":\"\#(token)\"\#(more)}}""#
    }

    private func token(_ plugin: ExecPlugin) async throws -> String? {
        try await Credentials(.plugin(plugin)).current().token
    }

    private func problem(_ plugin: ExecPlugin, timeout: Duration = .seconds(60)) async -> CredentialsError? {
        await #expect(throws: CredentialsError.self) {
            try await PluginCredentials(plugin, timeout: timeout).current()
        }
    }

    private func runs() -> Int {
        (try? String(contentsOfFile: folder.file("runs"), encoding: .utf8))?.split(separator: "\n").count ?? 0
    }

    @Test func itGetsArgumentsEnvironmentAndTheInformationOfTheProtocol() async throws {
        var plugin = try plugin(
            """
            echo "$KUBERNETES_EXEC_INFO" > "$1/info"; ls /proc/self/fd > "$1/fds" 2>/dev/null; cat > "$1/stdin"
            \(credential("$2-$PROFILE-${HOME:+home}"))
            """
        )
        plugin.arguments.append("arg")
        plugin.environment = ["PROFILE": "prod"]
        plugin.cluster = ExecPlugin.Cluster(server: "https://10.0.0.1")
        plugin.cluster?.certificateAuthority = .file(try folder.write("pem".utf8, to: "ca.crt"))
        #expect(try await token(plugin) == "arg-prod-home")
        let information = try String(contentsOfFile: folder.file("info"), encoding: .utf8)
        #expect(information.contains(#""certificate-authority-data":"cGVt""#))
        #expect(try Data(contentsOf: URL(filePath: folder.file("stdin"))).isEmpty)
        // Beside the three, what `ls` itself opens.
        let descriptors = try String(contentsOfFile: folder.file("fds"), encoding: .utf8).split(separator: "\n")
        #expect(descriptors.count <= 4, "\(descriptors)")
    }

    @Test func manyRequestsShareOneRunAndItsCredentialIsKept() async throws {
        let credentials = Credentials(.plugin(try plugin("echo run >> \"$1/runs\"; sleep 0.2; " + credential("abc"))))
        try await withThrowingTaskGroup(of: String?.self) { group in
            for _ in 0..<20 { group.addTask { try await credentials.current().token } }
            for try await token in group { #expect(token == "abc") }
        }
        #expect(try await credentials.current().generation == 1)
        #expect(runs() == 1)
    }

    @Test func aBareNameIsLookedForInPath() async throws {
        var plugin = try plugin(credential("abc"))
        plugin.command = "sh"
        plugin.arguments = ["-c", credential("from-sh")]
        #expect(try await token(plugin) == "from-sh")
        #expect(plugin.location(path: "relative:\(folder.path):/bin") == "/bin/sh")
        #expect(plugin.location(path: nil) == nil)
    }

    @Test func aProgramThatIsNotThereIsNamedWithTheHintHowToInstallIt() async throws {
        var plugin = ExecPlugin(command: "kee-no-such-login", owner: "user \"me\" of kubeconfig /k")
        plugin.installHint = "See https://example.com\n\u{1b}[31mfor more"
        let error = await problem(plugin)
        #expect(
            error?.problem == "the exec plugin kee-no-such-login of user \"me\" of kubeconfig /k cannot be run: "
                + "there is no such program. See https://example.com [31mfor more"
        )
        #expect(error?.isTransient == false)
        // A file that may not be run is none.
        plugin.command = try folder.write("x".utf8, to: "text")
        #expect(await problem(plugin)?.problem.contains("there is no such program") == true)
    }

    @Test func whatItComplainsOfIsShownAndWhatItHandsOutIsNot() async throws {
        let script = "echo hunter2; head -c 9000 /dev/zero | tr '\\0' x >&2; echo 'login expired' >&2; exit 3"
        let error = try #require(await problem(try plugin(script)))
        #expect(error.problem.contains("failed with exit code 3; it said: xxx"))
        #expect(error.problem.hasSuffix("login expired") && error.problem.utf8.count < 4400)
        #expect(!error.problem.contains("hunter2") && error.isTransient)
        let nonsense = await problem(try plugin("echo hunter2"))
        #expect(
            nonsense?.problem.contains("is no JSON object") == true && nonsense?.problem.contains("hunter2") == false
        )
        #expect(try await problem(plugin("kill -9 $$"))?.problem.hasSuffix("was ended by signal 9") == true)
    }

    @Test func oneThatWritesWithoutEndIsStopped() async throws {
        let error = await problem(try plugin("cat /dev/zero"))
        #expect(error?.problem.hasSuffix("was stopped: it wrote more than 1048576 bytes") == true)
    }

    @Test func oneThatHangsIsStoppedWithAllThatItStarted() async throws {
        let script = "echo waiting >&2; sleep 1000 & echo $! > \"$1/child\"; wait"
        let error = await problem(try plugin(script), timeout: .milliseconds(500))
        #expect(error?.problem.hasSuffix("was not done after 0.5 seconds and was stopped; it said: waiting") == true)
        try await expectGone("child")
    }

    /// The process that wrote its number there ends.
    private func expectGone(_ file: String) async throws {
        let text = try String(contentsOfFile: folder.file(file), encoding: .utf8)
        let number = try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        try await eventually("the end of the plugin") {
            // One that nobody has waited for yet is gone all the same.
            let state = try? String(contentsOfFile: "/proc/\(number)/stat", encoding: .utf8)
            return kill(number, 0) != 0 || state?.contains(") Z ") == true
        } until: {
            $0
        }
    }

    @Test func oneThatLeavesAHelperBehindIsNotWaitedFor() async throws {
        #expect(try await token(try plugin("sleep 20 & " + credential("abc"))) == "abc")
    }

    @Test func whenNobodyWaitsAnyMoreItIsStopped() async throws {
        let credentials = PluginCredentials(try plugin("echo $$ > \"$1/pid\"; exec sleep 1000"))
        let file = folder.file("pid")
        await withTaskGroup(of: CredentialsError?.self) { group in
            group.addTask {
                do throws(CredentialsError) {
                    _ = try await credentials.current()
                    return nil
                } catch {
                    return error
                }
            }
            _ = try? await eventually("the start") {
                FileManager.default.fileExists(atPath: file)
            } until: {
                $0
            }
            group.cancelAll()
            let error = await group.next() ?? nil
            #expect(error?.isCancellation == true)
        }
        try await expectGone("pid")
    }

    @Test func a401HasItRunAgain() async throws {
        let script = "echo run >> \"$1/runs\"; " + credential("token-$(wc -l < \"$1/runs\" | tr -d ' ')")
        try await FakeAPIServer.run(security: .init(tokens: ["token-2"])) { server in
            let client = KubernetesClient(
                configuration: ClientConfiguration(server: server.url, token: .plugin(try plugin(script))),
                http: HTTPClient(),
                version: "1",
                logger: Logger(label: "test")
            )
            let first = await #expect(throws: KubernetesAPIError.self) { try await client.version() }
            #expect(first?.isUnauthorized == true)
            // Not at once: a server that refuses everything would have it run without end.
            let version = try await eventually("another token") {
                try? await client.version()
            } until: {
                $0 != nil
            }
            #expect(version != nil && runs() == 2)
            let shown = Set(server.requests.map(\.authorization))
            #expect(shown == ["Bearer token-1", "Bearer token-2"])
        }
    }

    @Test func aClientCertificateThatItHandsOutIsShownOverTLS() async throws {
        let certificates = try Certificates.shared()
        let status = """
            {"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{
            "clientCertificateData":\(try json(certificates.client.certificatePEM())),
            "clientKeyData":\(try json(certificates.client.keyPEM()))}}
            """
        try folder.write(status.utf8, to: "status.json")
        let security = FakeAPIServer.Security(
            certificate: (certificates.server.certificate, certificates.server.key),
            clientAuthority: certificates.authority.certificate
        )
        try await FakeAPIServer.run(security: security) { server in
            let client = KubernetesClient(
                configuration: ClientConfiguration(
                    server: server.url,
                    tls: TLSOptions(certificateAuthority: .file(certificates.authority.certificate)),
                    token: .plugin(try plugin("cat \"$1/status.json\""))
                ),
                http: HTTPClient(),
                version: "1",
                logger: Logger(label: "test")
            )
            _ = try await client.version()
            #expect(server.requests.first?.clientName?.contains("common_name=kee-test-client") == true)
        }
    }

    private func json(_ pem: [UInt8]) throws -> String {
        String(decoding: try JSONEncoder().encode(String(decoding: pem, as: UTF8.self)), as: UTF8.self)
    }
}
