import EventReader
import HTTPTypes
import HummingbirdTesting
import JSON
import NIOCore
import Testing

@testable import EventRoutes

/// One call in a thousand seconds: no test is that slow.
@Suite("Rate limit over HTTP")
struct RateLimitTests {
    @Test func theSameAgentTwiceIsOneTooMany() async throws {
        let served = try ServedAPI(callsPerSecond: 0.001)
        try await served.run { client async throws in
            let first = try await client.get("/events", agent: "curl/8")
            #expect(first.status == .ok)
            #expect(first.headers[.rateLimit]?.hasPrefix("\"default\";r=0;t=") == true)
            #expect(first.headers[.rateLimitPolicy] == "\"default\";q=1;w=1000")

            let second = try await client.get("/clusters", agent: "curl/8")
            #expect(second.status == .tooManyRequests)
            let seconds = try #require(second.headers[.retryAfter].flatMap { Int($0) })
            #expect((900...1000).contains(seconds))
            #expect(second.headers[.rateLimit] == "\"default\";r=0;t=\(seconds)")
            #expect(second.headers[.contentType] == "application/problem+json")
            #expect(try second.json["status"]?.int64 == 429)

            #expect(try await client.get("/events", agent: "Grafana").status == .ok, "another agent has its own bucket")
        }
        #expect(served.metric("kee_rate_limited_total") == "1")
        #expect(served.metric(#"kee_requests_total{method="GET",route="/clusters",status="429"}"#) == "1")
    }

    @Test func allWithoutAnAgentShareABucket() async throws {
        try await ServedAPI(callsPerSecond: 0.001, burst: 2).run { client async throws in
            #expect(try await client.get("/events").status == .ok)
            #expect(try await client.get("/events", agent: "").status == .ok)
            #expect(try await client.get("/events").status == .tooManyRequests)
        }
    }

    @Test func mistakesCountAndAreToldTheirRateToo() async throws {
        try await ServedAPI(callsPerSecond: 0.001, burst: 4).run { client async throws in
            for (uri, status) in [("/events?limit=0", 400), ("/nowhere", 404), ("/events/test", 404)] {
                let response = try await client.get(uri, agent: "a")
                #expect(response.status.code == status)
                #expect(response.headers[.rateLimit] != nil)
                #expect(response.headers[.rateLimitPolicy] != nil)
            }
            let post = try await client.execute(uri: "/events", method: .post, headers: [.userAgent: "a"])
            #expect(post.status == .methodNotAllowed)
            let head = try await client.execute(uri: "/events", method: .head, headers: [.userAgent: "a"])
            #expect(head.status == .tooManyRequests)
            #expect(head.body.readableBytes == 0)
        }
    }

    @Test func healthIsNotLimited() async throws {
        try await ServedAPI(callsPerSecond: 0.001).run { client async throws in
            for _ in 0..<5 {
                for uri in ["/livez", "/readyz"] {
                    let response = try await client.get(uri, agent: "kube-probe/1.32")
                    #expect(response.status == .ok)
                    #expect(response.headers[.rateLimit] == nil)
                }
            }
        }
    }

    @Test func withoutALimitNothingIsSaidOfIt() async throws {
        try await ServedAPI(callsPerSecond: 0).run { client async throws in
            for _ in 0..<5 {
                let response = try await client.get("/events", agent: "a")
                #expect(response.status == .ok)
                #expect(response.headers[.rateLimit] == nil)
            }
        }
    }
}
