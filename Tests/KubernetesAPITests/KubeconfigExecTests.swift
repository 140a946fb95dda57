import HTTPTransfer
import Testing

@testable import KubernetesAPI

@Suite("exec of a kubeconfig") struct KubeconfigExecTests {
    private func configuration(_ user: String, cluster: String = "") throws -> ClientConfiguration {
        let text = """
            current-context: c
            clusters:
            - name: prod
              cluster: {server: "https://10.0.0.1:6443", tls-server-name: kube.prod, proxy-url: "http://proxy:3128"\(cluster)}
            contexts: [{name: c, context: {cluster: prod, user: me}}]
            users:
            - name: me
              user: {\(user)}
            """
        return try Kubeconfig(parsing: text, path: "/home/me/.kube/config").configuration()
    }

    private func plugin(_ exec: String, cluster: String = "") throws -> ExecPlugin {
        let token = try configuration("exec: {\(exec)}", cluster: cluster).token
        guard case .plugin(let plugin) = token else {
            Issue.record("\(token) is no plugin")
            return ExecPlugin(command: "", owner: "")
        }
        return plugin
    }

    private static let v1 = "apiVersion: client.authentication.k8s.io/v1"

    @Test func everythingOfItIsTaken() throws {
        let found = try plugin(
            """
            apiVersion: client.authentication.k8s.io/v1beta1, command: aws, args: [eks, get-token, "--region", 7],
            env: [{name: AWS_PROFILE, value: prod}, {name: EMPTY, value: ""}], installHint: "apt install aws",
            interactiveMode: IfAvailable
            """
        )
        #expect(found.command == "aws" && found.apiVersion == .v1beta1)
        #expect(found.arguments == ["eks", "get-token", "--region", "7"])
        #expect(found.environment == ["AWS_PROFILE": "prod", "EMPTY": ""])
        #expect(found.installHint == "apt install aws")
        #expect(found.cluster == nil)
        #expect(found.name == "the exec plugin aws of user \"me\" of kubeconfig /home/me/.kube/config")
    }

    @Test(arguments: [
        ("aws", "aws"), ("bin/login", "/home/me/.kube/bin/login"), ("./login", "/home/me/.kube/./login"),
        ("/usr/bin/login", "/usr/bin/login"),
    ])
    func aPathIsRelativeToTheFileAndABareNameIsNot(command: String, expected: String) throws {
        #expect(try plugin("\(Self.v1), command: \(command)").command == expected)
    }

    @Test func theClusterIsToldToAPluginThatAsks() throws {
        let extensions = """
            , extensions: [{name: other, extension: {}}, {name: client.authentication.k8s.io/exec,
              extension: {audience: "06e3", n: 3, b: true, x: null, list: [1.5, a], quoted: "5"}}]
            """
        let found = try plugin("\(Self.v1), command: login, provideClusterInfo: true", cluster: extensions)
        #expect(
            found.information(authority: Array("pem".utf8))
                == #"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{"interactive":false,"#
                + #""cluster":{"server":"https://10.0.0.1:6443","tls-server-name":"kube.prod","#
                + #""certificate-authority-data":"cGVt","proxy-url":"http://proxy:3128","config":"#
                + #"{"audience":"06e3","n":3,"b":true,"x":null,"list":[1.5,"a"],"quoted":"5"}}}}"#
        )
        let silent = try plugin("\(Self.v1), command: login", cluster: extensions)
        #expect(
            silent.information(authority: nil)
                == #"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{"interactive":false}}"#
        )
    }

    @Test func whatStandsBesideItCountsMore() throws {
        let exec = "exec: {\(Self.v1), command: login}"
        #expect(try configuration("token: t, \(exec)").token == .fixed("t"))
        #expect(try configuration("tokenFile: /t, \(exec)").token == .file("/t"))
        #expect(try configuration("client-certificate: /c, client-key: /k, \(exec)").token == .none)
    }

    @Test(arguments: [
        ("command: login", "has no apiVersion; use client.authentication.k8s.io/v1 or client"),
        ("apiVersion: client.authentication.k8s.io/v1alpha1, command: x", "has the apiVersion \"client.auth"),
        (v1, "exec of user \"me\" has no command"),
        (
            "\(v1), command: x, interactiveMode: Always",
            "asks for a terminal (interactiveMode: Always), and there is none"
        ),
        ("\(v1), command: x, interactiveMode: Often", "use Never, IfAvailable or Always"),
        ("\(v1), command: x, args: 5", "args of exec of user \"me\" must be a list"),
        ("\(v1), command: x, args: [[1]]", "args of exec must be texts"),
        ("\(v1), command: x, env: [{value: hunter2}]", "an entry of env of exec has no name"),
    ])
    func whatCannotBeUsedSaysSo(exec: String, problem: String) throws {
        let error = try #require(throws: KubeconfigError.self) { try plugin(exec) }
        #expect(error.problem.contains(problem), "\(error)")
        #expect(error.line != nil && !"\(error)".contains("hunter2"))
    }
}
