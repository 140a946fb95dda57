import HTTPTransfer
import JSON
import TestSupport
import Testing

@Suite("The rate limit of kee-query", .fewAtOnce, .timeLimit(.minutes(5)))
struct RateLimitTests {
    /// One call in a thousand seconds, so that no machine is too slow for this.
    private let slow = ["--rate-limit", "0.001"]

    @Test func oneAgentTwiceIsOneTooMany() async throws {
        try await withQuery(try await PostgresServer.shared().freshDatabase(), slow) { _, client, management in
            try await eventually("the archive", ask: { try await management.get("/readyz").status }) { $0 == 200 }
            #expect(try await client.get("/events", agent: "curl/8.5.0").status == 200)
            let refused = try await client.get("/events", agent: "curl/8.5.0")
            #expect(refused.status == 429)
            #expect(refused.headers["Content-Type"] == "application/problem+json")
            let seconds = try #require(refused.headers["Retry-After"].flatMap { Int($0) })
            #expect((1...1000).contains(seconds))
            #expect(refused.headers["RateLimit"] == "\"default\";r=0;t=\(seconds)")
            #expect(refused.headers["RateLimit-Policy"] == "\"default\";q=1;w=1000")
            #expect(try refused.json()["status"]?.int64 == 429)

            #expect(try await client.get("/events", agent: "Grafana/12").status == 200, "another has its own bucket")
            #expect(try await client.get("/events", agent: nil).status == 200)
            #expect(try await client.get("/clusters", agent: nil).status == 429, "all without an agent share one")
            for _ in 0..<3 {
                #expect(try await client.get("/livez", agent: "curl/8.5.0").status == 200)
                #expect(try await client.get("/readyz", agent: "curl/8.5.0").status == 200)
                #expect(try await management.get("/metrics", agent: "curl/8.5.0").status == 200)
            }
            #expect(try await management.metric("kee_rate_limited_total") == 2)
        }
    }

    @Test func theDefaultIsOneASecond() async throws {
        try await withQuery(try await PostgresServer.shared().freshDatabase(), []) { _, client, _ in
            let answers = [try await client.get("/clusters"), try await client.get("/clusters")]
            #expect(answers[0].headers["RateLimit-Policy"] == "\"default\";q=1;w=1")
            // Only a machine that takes a second between the two answers both.
            if answers[1].status == 429 { #expect(answers[1].headers["Retry-After"] == "1") }
        }
    }
}
