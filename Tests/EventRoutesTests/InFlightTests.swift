import HTTPTypes
import HummingbirdTesting
import Listener
import TestSupport
import Testing

@testable import EventRoutes

@Suite("Requests at once")
struct InFlightTests {
    @Test func beyondTheBoundIsA503AtOnce() async throws {
        let mayAnswer = Observed(false)
        let asked = Observed(0)
        var served = try ServedAPI()
        served.settings.limits.requestsInFlight = 2
        served.repository.change { state in
            state.gate = {
                asked.change { $0 += 1 }
                _ = try? await mayAnswer.wait(until: { $0 })
            }
        }
        try await served.run { client async throws in
            let port = try #require(client.port)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<2 {
                    group.addTask {
                        let text = try await answer(
                            to: "GET /events/prod HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                            port: port
                        )
                        #expect(text.hasPrefix("HTTP/1.1 200 "))
                    }
                }
                try await asked.wait(until: { $0 == 2 })
                let refused = try await client.get("/clusters")
                #expect(refused.status == .serviceUnavailable)
                #expect(refused.headers[.retryAfter] == "1")
                #expect(refused.headers[.contentType] == "application/problem+json")
                #expect(try await client.get("/livez").status == .ok, "probes are not counted")
                #expect(try await client.get("/readyz").status == .ok)
                mayAnswer.change { $0 = true }
                try await group.waitForAll()
            }
            #expect(try await client.get("/clusters").status == .ok, "its place is free again")
        }
        #expect(served.metric(#"kee_requests_total{method="GET",route="/clusters",status="503"}"#) == "1")
    }

    @Test func placesAreGivenBack() {
        let places = InFlightPlaces(bound: 1)
        #expect(places.take())
        for _ in 0..<5 { #expect(!places.take()) }
        #expect(places.count == 1)
        places.leave()
        #expect(places.take())
    }

    @Test func aLargeBodyIsRefused() async throws {
        try await ServedAPI().run { client async throws in
            let text = try await answer(
                to: "GET /events HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n"
                    + String(repeating: "x", count: 65_537),
                port: try #require(client.port)
            )
            #expect(text.hasPrefix("HTTP/1.1 413 "))
            #expect(text.contains("application/problem+json"))
        }
    }
}
