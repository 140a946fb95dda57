import EventReader
import HTTPTypes
import HummingbirdTesting
import JSON
import NIOCore
import Testing

@testable import EventRoutes

@Suite("Problems")
struct ProblemTests {
    @Test(
        arguments: [
            ("/events?limit=0", 400, "limit"), ("/events?q=", 400, "q"), ("/events/prod?view=last", 400, "view"),
            ("/events/prod/shop?limt=5", 400, "limt"), ("/events/prod/shop/po?since=x", 400, "since"),
            ("/events/prod/shop/po/web?order=up", 400, "order"), ("/events/%ff", 400, "cluster"),
            ("/events/test", 404, "cluster"), ("/events/test/shop/po", 404, "cluster"), ("/nowhere", 404, nil),
            ("/", 404, nil), ("/events/", 404, nil), ("/events//shop", 404, nil), ("//events", 404, nil),
            ("/events/prod/", 404, nil), ("/events/a/b/c/d/e", 404, nil), ("/clusters/test/namespaces", 404, "cluster"),
            ("/clusters/test/coverage", 404, "cluster"), ("/clusters//coverage", 404, nil),
            ("/clusters/prod/coverage/", 404, nil), ("/clusters/prod/coverage?limit=5", 400, "limit"),
            ("/clusters/prod/coverage?since=x", 400, "since"), ("/clusters/prod/coverage?namespace=", 400, "namespace"),
            ("/clusters/prod/coverage?until=1h&until=2h", 400, "until"), ("/clusters/%ff/coverage", 400, "cluster"),
            ("/clusters/prod/coverage?since=1h&until=2h", 400, "since"),
            ("/metrics", 404, nil), ("/events/../etc/passwd", 404, "cluster"),
        ] as [(String, Int, String?)]
    )
    func aProblemSaysWhatAndWhere(uri: String, status: Int, parameter: String?) async throws {
        try await ServedAPI().run { client async throws in
            let response = try await client.get(uri)
            #expect(response.status.code == status)
            #expect(response.headers[.contentType] == "application/problem+json")
            let json = try response.json
            #expect(json["status"]?.int64 == Int64(status))
            #expect(json["title"]?.string?.isEmpty == false)
            #expect(json["detail"]?.string?.isEmpty == false)
            #expect(json["parameter"]?.string == parameter)
        }
    }

    @Test(arguments: [HTTPRequest.Method.post, .put, .delete, .patch, .options])
    func otherMethodsAreNotAllowed(method: HTTPRequest.Method) async throws {
        try await ServedAPI().run { client async throws in
            for uri in ["/events", "/events/prod/shop/po/web", "/clusters", "/clusters/prod/coverage", "/livez"] {
                let response = try await client.execute(uri: uri, method: method, body: ByteBuffer(string: "{}"))
                #expect(response.status == .methodNotAllowed)
                #expect(response.headers[.allow] == "GET, HEAD")
                #expect(response.headers[.contentType] == "application/problem+json")
            }
            #expect(try await client.execute(uri: "/nowhere", method: method).status == .notFound)
        }
    }

    @Test func whatCannotBeAccepted() async throws {
        try await ServedAPI().run { client async throws in
            // There is no live tail without a feed.
            for accept in ["text/html", "image/*", "text/event-stream", "application/json;q=0", "*/*;q=0"] {
                #expect(try await client.get("/events", accept: accept).status == .notAcceptable)
            }
            for accept in ["application/json", "*/*", "text/html, */*;q=0.1"] {
                #expect(try await client.get("/events", accept: accept).status == .ok)
            }
        }
    }

    @Test(arguments: [EventReaderError.unavailable, .tooSlow])
    func aDatabaseThatDoesNotAnswerIsA503(failure: EventReaderError) async throws {
        let served = try ServedAPI()
        served.repository.change { $0.failure = failure }
        try await served.run { client async throws in
            for uri in ["/events", "/events/prod", "/events/prod/shop/po", "/clusters", "/clusters/prod/coverage"] {
                let response = try await client.get(uri)
                #expect(response.status == .serviceUnavailable)
                #expect(response.headers[.retryAfter].flatMap { Int($0) } ?? 0 > 0)
                #expect(try response.json["parameter"] == nil)
            }
        }
        #expect(served.metric(#"kee_requests_failed_total{route="/events"}"#) == "1")
        #expect(served.metric("kee_exceptions_total") == "0", "this is no surprise")
    }

    @Test func sizesAreBounded() async throws {
        try await ServedAPI().run { client async throws in
            // Just within, just over, and over what the decoder itself takes.
            let within = "/events?continue=" + String(repeating: "x", count: 5_000)
            #expect(try await client.get(within).status == .badRequest)
            for length in [8_192, 60_000] {
                let response = try await client.get("/events?name=" + String(repeating: "x", count: length))
                #expect(response.status == .uriTooLong)
                #expect(try response.json["status"]?.int64 == 414)
            }
            #expect(try await client.get("/events", agent: String(repeating: "x", count: 15_000)).status == .ok)
            let over = try await client.get("/events", agent: String(repeating: "x", count: 17_000))
            #expect(over.status == .requestHeaderFieldsTooLarge)
            #expect(try over.json["status"]?.int64 == 431)
        }
    }

    @Test func hugeHeadersAreRefusedBeforeTheyAreRead() async throws {
        try await ServedAPI().run { client async throws in
            let port = try #require(client.port)
            let many = (0..<300).map { "x-\($0): y\r\n" }.joined()
            let huge = "x-huge: \(String(repeating: "y", count: 200_000))\r\n"
            for headers in [many, huge] {
                let text = try await answer(to: "GET /events HTTP/1.1\r\nHost: x\r\n\(headers)\r\n", port: port)
                #expect(text.hasPrefix("HTTP/1.1 431 "))
                #expect(text.contains("application/problem+json"))
                #expect(text.hasSuffix("}"))
            }
            #expect(try await client.get("/events").status == .ok, "the others are served as before")
        }
    }

    @Test func whatIsNoHTTPIsRefused() async throws {
        try await ServedAPI().run { client async throws in
            let port = try #require(client.port)
            for request in [
                "nonsense\r\n\r\n", "GET /events HTTP/9.9\r\n\r\n", "GET /ev ents HTTP/1.1\r\nHost: x\r\n\r\n",
            ] {
                #expect(try await answer(to: request, port: port).hasPrefix("HTTP/1.1 400 "))
            }
        }
    }

    @Test func bytesThatAreNoUTF8AreRefused() async throws {
        try await ServedAPI().run { client async throws in
            let response = try await client.get("/events?name=%ff")
            #expect(response.status == .badRequest)
            #expect(try response.json["detail"]?.string?.contains("%ff") == true)
        }
    }
}
