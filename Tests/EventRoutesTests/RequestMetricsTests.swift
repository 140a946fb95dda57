import HTTPTypes
import HummingbirdTesting
import PrometheusMetrics
import Testing

@testable import EventRoutes

@Suite("Metrics of requests")
struct RequestMetricsTests {
    @Test func requestsAreCountedByTemplateNeverByWhatAClientSent() async throws {
        let served = try ServedAPI()
        try await served.run { client async throws in
            for uri in [
                "/events", "/events/prod", "/events/prod/shop", "/events/prod/shop/po", "/events/prod/shop/po/secret",
                "/clusters", "/clusters/prod/coverage", "/livez", "/readyz", "/secret", "/events/secret/",
                "/events/secret",
            ] { _ = try await client.get(uri, agent: "secret") }
            for method in ["BREW", "SECRET"] {
                _ = try await answer(
                    to: "\(method) /events HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                    port: try #require(client.port)
                )
            }
            _ = try await client.execute(uri: "/events", method: .post)
            _ = try await client.execute(uri: "/events", method: .head)
        }
        for route in ["/events", "/events/{cluster}/{namespace}/{kind}/{name}", "/clusters", "/livez", "/readyz"] {
            #expect(served.metric(#"kee_requests_total{method="GET",route="\#(route)",status="200"}"#) == "1")
        }
        let coverage = #"kee_requests_total{method="GET",route="/clusters/{cluster}/coverage",status="200"}"#
        #expect(served.metric(coverage) == "1")
        #expect(served.metric(#"kee_requests_total{method="GET",route="/events/{cluster}",status="404"}"#) == "1")
        #expect(served.metric(#"kee_requests_total{method="GET",route="other",status="404"}"#) == "2")
        #expect(served.metric(#"kee_requests_total{method="HEAD",route="/events",status="200"}"#) == "1")
        #expect(served.metric(#"kee_requests_total{method="other",route="/events",status="405"}"#) == "1")
        #expect(served.metric(#"kee_request_processing_seconds_count{route="/clusters"}"#) == "1")
        #expect(served.metric("kee_rate_limited_total") == "0")
        #expect(served.metric("kee_exceptions_total") == "0")
        #expect(!served.metrics.exposition(.prometheusText).lowercased().contains("secret"))
    }
}
