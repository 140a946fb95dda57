import HTTPTransfer
import Logging
import TestSupport
import Testing

@testable import KubernetesAPI

/// A real proxy between us and a server that speaks TLS.
@Suite("proxy-url", .timeLimit(.minutes(1))) struct ProxyTests {
    private func ask(_ server: FakeAPIServer, through proxy: String, logger: Logger) async throws {
        let certificates = try Certificates.shared()
        let text = """
            current-context: c
            clusters:
            - name: c
              cluster:
                server: "\(server.url)"
                certificate-authority: \(certificates.authority.certificate)
                proxy-url: "\(proxy)"
            contexts: [{name: c, context: {cluster: c}}]
            """
        let configuration = try Kubeconfig(parsing: text, path: "/k").configuration()
        let http = HTTPClient(logger: logger)
        let client = KubernetesClient(configuration: configuration, http: http, version: "1", logger: logger)
        do {
            _ = try await client.version()
        } catch {
            await http.shutdownAndWait()
            throw error
        }
        await http.shutdownAndWait()
    }

    private func withServer(_ body: (FakeAPIServer) async throws -> Void) async throws {
        let pair = try Certificates.shared().server
        try await FakeAPIServer.run(security: .init(certificate: (pair.certificate, pair.key)), while: body)
    }

    private func place(_ server: FakeAPIServer) -> String { String(server.url.dropFirst("https://".count)) }

    @Test(arguments: [(TestProxy.Kind.connect, "http"), (.socks5, "socks5")])
    func aTunnelIsAskedForWithNameAndPassword(kind: TestProxy.Kind, scheme: String) async throws {
        try await withServer { server in
            try await TestProxy.run(kind) { proxy in
                let address = "\(scheme)://me:hunter2@127.0.0.1:\(proxy.port)"
                try await ask(server, through: address, logger: Logger(label: "test"))
                #expect(proxy.seen.tunnels == [place(server)])
                #expect(proxy.seen.credentials == [kind == .connect ? "Basic bWU6aHVudGVyMg==" : "me:hunter2"])
                #expect(server.requests.map(\.uri) == ["/version"])
            }
        }
    }

    @Test func aProxyCanSpeakTLSItself() async throws {
        let certificates = try Certificates.shared()
        let pair = (certificates.server.certificate, certificates.server.key)
        try await withServer { server in
            try await TestProxy.run(.connect, certificate: pair) { proxy in
                try await ask(server, through: "https://127.0.0.1:\(proxy.port)", logger: Logger(label: "test"))
                #expect(proxy.seen.tunnels == [place(server)])
            }
            let stranger = (certificates.namedServer.certificate, certificates.namedServer.key)
            try await TestProxy.run(.connect, certificate: stranger) { proxy in
                await #expect(throws: KubernetesAPIError.self, "a certificate of another name") {
                    try await ask(server, through: "https://127.0.0.1:\(proxy.port)", logger: Logger(label: "test"))
                }
                #expect(proxy.seen.tunnels.isEmpty)
            }
        }
    }

    @Test func thePasswordIsInNoErrorAndNoLog() async throws {
        let log = Observed<[String]>([])
        var logger = Logger(label: "test") { _ in RecordingLogHandler(log: log) }
        logger.logLevel = .trace
        try await withServer { server in
            try await TestProxy.run(.connect, refuses: true) { proxy in
                for address in ["127.0.0.1:\(proxy.port)", "127.0.0.1:1", "no such host", "nowhere.invalid:1"] {
                    let error = await #expect(throws: (any Error).self, "\(address)") {
                        try await ask(server, through: "http://me:hunter2@\(address)", logger: logger)
                    }
                    #expect(error.map { "\($0)" }?.contains("hunter2") == false)
                }
            }
        }
        #expect(!log.value.isEmpty)
        #expect(log.value.allSatisfy { !$0.contains("hunter2") && !$0.contains("bWU6aHVudGVyMg") })
    }
}

private struct RecordingLogHandler: LogHandler {
    let log: Observed<[String]>
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        log.change { $0.append("\(event.message) \(event.metadata ?? [:]) \(event.error.map { "\($0)" } ?? "")") }
    }
}
