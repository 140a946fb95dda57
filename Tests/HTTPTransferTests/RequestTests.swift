import HTTPTransfer
import TestSupport
import Testing

@Suite("Requests go out as they were made", .timeLimit(.minutes(1)))
struct RequestTests {
    @Test("Method, path, headers and body", arguments: [HTTPRequest.Method.post, .put, .patch, .delete, .get])
    func body(_ method: HTTPRequest.Method) async throws {
        // More than libcurl sends without "Expect: 100-continue" unless told.
        let body = (0..<2_000_000).map { UInt8(truncatingIfNeeded: $0) }
        try await ScriptedHTTPServer.run { _ in
            [.answer()]
        } while: { server in
            try await withClient { client in
                let request = HTTPRequest(
                    method,
                    url: server.url + "/a/../b?c=%2F&d",
                    headers: [("Content-Type", "application/json"), ("X-Two", "1"), ("X-Two", "2"), ("X-Empty", "")],
                    body: body
                )
                #expect(try await client.send(request).status == 200)
                let got = try #require(server.log.entries.requests.first)
                #expect(got.method == method.rawValue)
                #expect(got.uri == "/a/../b?c=%2F&d")
                #expect(got.body == body)
                #expect(got.header("Content-Length") == "2000000")
                #expect(got.header("Content-Type") == "application/json")
                #expect(got.headers.filter { $0.name == "X-Two" }.map(\.value) == ["1", "2"])
                #expect(got.header("X-Empty")?.isEmpty == true)
                #expect(got.header("Expect") == nil)
                #expect(got.header("Host") == "127.0.0.1:\(server.port)")
                #expect(got.header("Accept-Encoding") == nil)
            }
        }
    }

    @Test("Without a body", arguments: [HTTPRequest.Method.get, .head, .delete, .post, .put, .patch])
    func noBody(_ method: HTTPRequest.Method) async throws {
        try await ScriptedHTTPServer.run { _ in
            [.answer()]
        } while: { server in
            try await withClient { client in
                #expect(try await client.send(HTTPRequest(method, url: server.url)).body.text().isEmpty)
                let got = try #require(server.log.entries.requests.first)
                #expect(got.method == method.rawValue)
                #expect(got.uri == "/")
                #expect(got.header("Content-Type") == nil)
                #expect(got.header("Content-Length") == ([.post, .put, .patch].contains(method) ? "0" : nil))
            }
        }
    }

    @Test("HEAD, 204 and 304 have no body and leave the connection usable")
    func noAnswerBody() async throws {
        try await ScriptedHTTPServer.run { request in
            switch request.uri {
            case "/head": [.text("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")]
            case "/204": [.text("HTTP/1.1 204 No Content\r\n\r\n")]
            default: [.text("HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\n\r\n")]
            }
        } while: { server in
            try await withClient { client in
                let head = try await client.send(HTTPRequest(.head, url: server.url + "/head"))
                #expect(head.headers["content-length"] == "1000")
                #expect(try await head.body.text().isEmpty)
                for status in [204, 304] {
                    let response = try await client.send(HTTPRequest(url: server.url + "/\(status)"))
                    #expect(response.status == status)
                    #expect(try await response.body.text().isEmpty)
                }
                #expect(server.log.entries.accepted == 1)
            }
        }
    }

    @Test("1xx answers are passed over, their headers too")
    func provisional() async throws {
        try await ScriptedHTTPServer.run { _ in
            [
                .text("HTTP/1.1 103 Early Hints\r\nLink: early\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"),
                .answer("404 Not Found", ["X-Final: yes"], body: Array("gone".utf8)),
            ]
        } while: { server in
            try await withClient { client in
                let response = try await client.send(HTTPRequest(url: server.url))
                #expect(response.status == 404)
                #expect(response.headers["x-final"] == "yes")
                #expect(response.headers["link"] == nil)
                #expect(try await response.body.text() == "gone")
            }
        }
    }

    @Test("Redirects are answers like others")
    func redirect() async throws {
        try await ScriptedHTTPServer.run { _ in
            [.answer("302 Found", ["Location: /elsewhere"])]
        } while: { server in
            try await withClient { client in
                let response = try await client.send(HTTPRequest(url: server.url))
                #expect(response.status == 302)
                #expect(response.headers.first("Location") == "/elsewhere")
                #expect(server.log.entries.requests.count == 1)
            }
        }
    }

    @Test("A proxy is asked for the whole URL, and gets no header of its own")
    func proxy() async throws {
        try await ScriptedHTTPServer.run { _ in
            [.answer()]
        } while: { server in
            try await withClient { client in
                let request = HTTPRequest(url: "http://kube.invalid/path", proxy: server.url)
                let response = try await client.send(request)
                #expect(response.status == 200)
                #expect(server.log.entries.requests.first?.uri == "http://kube.invalid/path")
            }
        }
    }

    @Test(
        "What cannot be sent is refused before anything is",
        arguments: [
            HTTPRequest(url: "127.0.0.1"), HTTPRequest(url: ""), HTTPRequest(url: "file:///etc/passwd"),
            HTTPRequest(url: "http://127.0.0.1/a b"), HTTPRequest(url: "http://127.0.0.1/\0"),
            HTTPRequest(url: "http://127.0.0.1:1/", headers: [("X-One\r\nX-Two", "1")]),
            HTTPRequest(url: "http://127.0.0.1:1/", headers: [("X-One", "hush\r\nX-Two: hush")]),
            HTTPRequest(url: "http://127.0.0.1:1/", headers: [("X-One", "hush\0")]),
            HTTPRequest(url: "http://127.0.0.1:1/", headers: [("", "hush")]),
            HTTPRequest(.post, url: "http://127.0.0.1:1/", headers: [("content-length", "7")], body: [1]),
            HTTPRequest(.post, url: "http://127.0.0.1:1/", headers: [("Transfer-Encoding", "chunked")], body: [1]),
            HTTPRequest(.head, url: "http://127.0.0.1:1/", body: [1]),
            HTTPRequest(url: "http://127.0.0.1:1/", proxy: "foo://user:hush@127.0.0.1:1"),
            HTTPRequest(url: "https://127.0.0.1:1/", tls: TLSOptions(serverName: "a b")),
            HTTPRequest(url: "https://127.0.0.1:1/", tls: TLSOptions(serverName: "a:1:b")),
        ]
    )
    func refused(_ request: HTTPRequest) async throws {
        try await withClient { client in
            let error = try await failure { try await client.send(request) }
            #expect(error.kind == .invalidRequest, "\(error)")
            #expect(!error.message.contains("hush"))
        }
    }
}
