import HTTPTypes
import HummingbirdTesting
import Testing

@testable import EventRoutes

@Suite("CORS")
struct CORSTests {
    private static let grafana = "https://grafana.example:3000"

    private static func served(_ origins: String..., callsPerSecond: Double = 0) throws -> ServedAPI<MemoryRepository> {
        var served = try ServedAPI(callsPerSecond: callsPerSecond)
        served.settings.cors = origins.isEmpty ? nil : try CORSPolicy(origins: origins)
        return served
    }

    @Test(
        arguments: [
            ("https://grafana.example:3000", "https://grafana.example:3000", "https://grafana.example:3000"),
            ("https://grafana.example:3000", "https://grafana.example", nil),
            ("https://grafana.example:3000", "null", nil), ("https://grafana.example:3000", nil, nil),
            ("*", "https://evil.example", "*"), ("*", nil, "*"),
        ]
    )
    func whoseScriptsMayRead(configured: String, origin: String?, allowed: String?) async throws {
        try await Self.served(configured).run { client async throws in
            for (uri, status) in [("/events", 200), ("/events?limit=0", 400), ("/nowhere", 404)] {
                var headers: HTTPFields = [:]
                headers[.origin] = origin
                let response = try await client.execute(uri: uri, method: .get, headers: headers)
                #expect(response.status.code == status)
                #expect(response.headers[.accessControlAllowOrigin] == allowed)
                #expect(
                    response.headers[.accessControlExposeHeaders]
                        == (allowed == nil ? nil : "Link, RateLimit, RateLimit-Policy, Retry-After")
                )
                #expect(response.headers[values: .vary].contains("Origin") == (configured != "*"))
            }
        }
    }

    private static func preflight(_ client: any TestClientProtocol, _ uri: String, _ origin: String) async throws
        -> TestResponse
    {
        try await client.execute(
            uri: uri,
            method: .options,
            headers: [.origin: origin, .accessControlRequestMethod: "GET", .userAgent: "Mozilla/5.0"]
        )
    }

    @Test func whatBrowsersAskBeforehandCostsNoCall() async throws {
        try await Self.served(Self.grafana, callsPerSecond: 0.001).run { client async throws in
            for _ in 0..<3 {
                let response = try await Self.preflight(client, "/events", Self.grafana)
                #expect(response.status == .noContent)
                #expect(response.headers[.accessControlAllowOrigin] == Self.grafana)
                #expect(response.headers[.accessControlAllowMethods] == "GET, HEAD")
                #expect(response.headers[.accessControlAllowHeaders] == "Accept, Authorization, Last-Event-ID")
                #expect(response.headers[.accessControlAllowCredentials] == nil)
                #expect(response.headers[.rateLimit] == nil)
            }
            let call = HTTPFields([
                HTTPField(name: .origin, value: Self.grafana), HTTPField(name: .userAgent, value: "Mozilla/5.0"),
            ])
            #expect(try await client.execute(uri: "/events", method: .get, headers: call).status == .ok)
            let refused = try await client.execute(uri: "/events", method: .get, headers: call)
            #expect(refused.status == .tooManyRequests)
            #expect(refused.headers[.accessControlAllowOrigin] == Self.grafana, "the script has to see why")
        }
    }

    @Test func othersMeetA405AsWithoutIt() async throws {
        try await Self.served(Self.grafana).run { client async throws in
            let stranger = try await Self.preflight(client, "/events", "https://evil.example")
            #expect(stranger.status == .methodNotAllowed)
            #expect(stranger.headers[.accessControlAllowOrigin] == nil)
            let plain = try await client.execute(uri: "/events", method: .options)
            #expect(plain.status == .methodNotAllowed)
            #expect(try await Self.preflight(client, "/nowhere", Self.grafana).status == .notFound)
        }
        try await Self.served().run { client async throws in
            let response = try await Self.preflight(client, "/events", Self.grafana)
            #expect(response.status == .methodNotAllowed)
            #expect(response.headers[.accessControlAllowOrigin] == nil)
            #expect(response.headers[.vary]?.contains("Origin") != true)
        }
    }

    @Test(
        arguments: [
            "", "grafana.example", "https://", "https://grafana.example/", "https://Grafana.example",
            "https://a b", "ftp://grafana.example", "https://*.example", "null",
        ]
    )
    func whatIsNoOrigin(text: String) {
        let error = #expect(throws: CORSOriginError.self) { try CORSPolicy(origins: [text]) }
        #expect(error?.description.contains("'\(text)'") == true)
    }
}
