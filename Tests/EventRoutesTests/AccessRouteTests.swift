import Access
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import TestSupport
import Testing

@testable import EventRoutes

@Suite("Who is let in", .timeLimit(.minutes(2)))
struct AccessRouteTests {
    private func run(
        _ body: @escaping @Sendable (any TestClientProtocol, String, ServedAPI<MemoryRepository>) async throws -> Void
    ) async throws {
        let made = try NewToken(name: "shop", grants: ["prod/shop"])
        let folder = try TemporaryDirectory()
        var settings = AccessSettings(modes: [.token])
        settings.tokenFile = try folder.write(made.line.utf8, to: "tokens")
        var api = try ServedAPI()
        api.settings.access = try await AccessControl.build(
            settings,
            version: "1",
            logger: Logger(label: "test")
        ) { _, _, _ in [] }
        let served = api
        try await served.run { try await body($0, made.token, served) }
    }

    private func ask(
        _ client: any TestClientProtocol,
        _ uri: String,
        _ authorization: String?,
        _ method: HTTPRequest.Method = .get
    ) async throws -> TestResponse {
        var headers: HTTPFields = [:]
        headers[.authorization] = authorization
        return try await client.execute(uri: uri, method: method, headers: headers)
    }

    /// A path of each route.
    private func path(_ route: Route) -> String {
        route.rawValue.replacing("{cluster}", with: "prod").replacing("{namespace}", with: "shop")
            .replacing("{resource}", with: "pod").replacing("{kind}", with: "pod").replacing("{name}", with: "web-1")
    }

    @Test func withoutATokenOnlyWhatTellsNothingIsAnswered() async throws {
        try await run { client, token, api in
            for route in Route.allCases {
                let path = path(route)
                for method in [HTTPRequest.Method.get, .head] {
                    let response = try await ask(client, path, nil, method)
                    guard route.needsAccess else {
                        #expect(response.status == .ok, "\(path)")
                        continue
                    }
                    #expect(response.status == .unauthorized, "\(path)")
                    #expect(response.headers[.wwwAuthenticate] == "Bearer realm=\"kee\"")
                    #expect(response.headers[.contentType] == "application/problem+json")
                }
                guard route.needsAccess else { continue }
                let wrong = try await ask(client, path, "Bearer wrong")
                #expect(wrong.status == .unauthorized)
                #expect(wrong.headers[.wwwAuthenticate] == "Bearer realm=\"kee\", error=\"invalid_token\"")
                #expect(try await ask(client, path, "Basic dTpw").status == .unauthorized)
                // Before anything is looked at: neither parameters nor methods nor other paths tell more.
                #expect(try await ask(client, path + "?nonsense=1", nil).status == .unauthorized)
                #expect(try await ask(client, path, nil, .post).status == .unauthorized)
            }
            #expect(try await ask(client, "/nowhere", nil).status == .unauthorized)
            #expect(try await ask(client, "/nowhere", "Bearer \(token)").status == .notFound)
            #expect(api.repository.read { $0.questions.isEmpty && $0.kindQuestions == 0 }, "nothing was asked")
        }
    }

    @Test func aTokenShowsWhatItIsGranted() async throws {
        try await run { client, token, api in
            for scheme in ["Bearer", "bearer", "BEARER "] {
                #expect(try await ask(client, "/events/prod/shop", "\(scheme) \(token)").status == .ok)
            }
            let response = try await ask(client, "/events/prod/shop", "Bearer \(token)")
            #expect(response.headers[.cacheControl] == "private, no-store")
            #expect(response.headers[.vary]?.contains("Authorization") == true)
            let texts = try await ["/events/prod/bank", "/events/dev", "/events/dev/shop", "/clusters/dev/coverage"]
                .asyncMap { uri in
                    let response = try await ask(client, uri, "Bearer \(token)")
                    #expect(response.status == .forbidden, "\(uri)")
                    return String(buffer: response.body)
                }
            #expect(Set(texts).count == 1, "the same for what exists and what does not")
            #expect(api.metric(#"kee_access_denied_total{mode="token",result="forbidden"}"#) == "4")
            _ = try await ask(client, "/events", nil)
            #expect(api.metric(#"kee_access_denied_total{mode="none",result="no_token"}"#) == "1")
            _ = try await ask(client, "/events", "Bearer x")
            #expect(api.metric(#"kee_access_denied_total{mode="none",result="invalid_token"}"#) == "1")
        }
    }

    @Test func aTokenInTheURLIsRefusedAndNotRepeated() async throws {
        try await run { client, token, _ in
            for name in ["access_token", "token"] {
                let response = try await ask(client, "/events?\(name)=\(token)", nil)
                #expect(response.status == .badRequest)
                #expect(try response.parameter == name)
                #expect(!String(buffer: response.body).contains(token))
            }
        }
    }
}

extension Array where Element: Sendable {
    fileprivate func asyncMap<Value>(_ transform: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await transform(element)) }
        return values
    }
}
