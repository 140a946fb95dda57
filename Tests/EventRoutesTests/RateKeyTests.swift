import HTTPTypes
import HummingbirdTesting
import Listener
import RateLimit
import Testing

@testable import EventRoutes

@Suite("What the rate limit counts by")
struct RateKeyTests {
    private static func allowed(
        _ key: RateKey,
        trusted: [String] = [],
        rules: [String] = [],
        calls: [HTTPFields]
    ) async throws -> [Bool] {
        var served = try ServedAPI(callsPerSecond: 0.001)
        served.settings.rateKey = key
        served.settings.limits.trustedProxies = try trusted.map { try AddressRange(parsing: $0) }
        served.settings.rates = try RateRules(
            standard: served.settings.rates.standard,
            rules: rules.map { try RateRules.Rule(parsing: $0) }
        )
        let answers = [Bool]()
        return try await served.run { client async throws in
            var answers = answers
            for headers in calls {
                let response = try await client.execute(uri: "/events", method: .get, headers: headers)
                #expect(response.headers[.rateLimitPolicy] != nil)
                answers.append(response.status == .ok)
            }
            return answers
        }
    }

    private static func call(agent: String, from address: String? = nil) -> HTTPFields {
        var headers: HTTPFields = [.userAgent: agent]
        headers[HTTPField.Name("X-Forwarded-For")!] = address
        return headers
    }

    @Test func theAddressOfTheConnectionUnlessAProxyIsTrusted() async throws {
        let calls = [
            Self.call(agent: "a", from: "198.51.100.1"), Self.call(agent: "b", from: "198.51.100.2"),
            Self.call(agent: "c", from: "192.0.2.66, 198.51.100.1"),
        ]
        #expect(try await Self.allowed(.address, calls: calls) == [true, false, false])
        let proxied = try await Self.allowed(.address, trusted: ["127.0.0.0/8", "::1"], calls: calls)
        #expect(proxied == [true, true, false], "what the client itself wrote does not count")
    }

    @Test func theAgentWhateverTheAddress() async throws {
        let calls = [
            Self.call(agent: "a", from: "198.51.100.1"), Self.call(agent: "a", from: "198.51.100.2"),
            Self.call(agent: "b", from: "198.51.100.1"),
        ]
        let allowed = try await Self.allowed(.agent, trusted: ["127.0.0.0/8"], calls: calls)
        #expect(allowed == [true, false, true])
    }

    @Test func withoutANameTheAddressStandsForIt() async throws {
        let calls = [Self.call(agent: "a"), Self.call(agent: "b")]
        #expect(try await Self.allowed(.token, calls: calls) == [true, false])
        for name in ["alice", "bob"] {
            #expect(RateKey.token.client(of: [:], peer: nil, name: name, trusted: []) == "name " + name)
        }
    }

    @Test func agentsOfAPatternHaveTheirOwnRate() async throws {
        let calls = ["Mozilla/5.0", "Mozilla/5.0", "Mozilla/5.0", "curl/8", "curl/8"].map { Self.call(agent: $0) }
        let allowed = try await Self.allowed(.agent, rules: ["Mozilla/*=0.001:2"], calls: calls)
        #expect(allowed == [true, true, false, true, false])
    }
}
