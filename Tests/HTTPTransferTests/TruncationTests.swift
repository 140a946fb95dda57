import HTTPTransfer
import TestSupport
import Testing

@Suite("An answer that is cut off is an error", .timeLimit(.minutes(1)))
struct TruncationTests {
    typealias Step = ScriptedHTTPServer.Step

    @Test(
        "after what came of the body",
        arguments: [
            [.chunkedHead(), .chunk("half"), .close],
            [.chunkedHead(), .chunk("half"), .reset],
            [.chunkedHead(), .text("8\r\nhalf"), .close],
            [.chunkedHead(), .chunk("half"), .text("0\r\n"), .close],
            [.text("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"), .close],
        ] as [[Step]]
    )
    func body(_ script: [Step]) async throws {
        try await ScriptedHTTPServer.run { _ in
            script
        } while: { server in
            try await withClient { client in
                let response = try await client.send(HTTPRequest(url: server.url))
                var chunks = response.body.makeAsyncIterator()
                var error: HTTPTransferError?
                var came: [UInt8] = []
                do throws(HTTPTransferError) {
                    while let chunk = try await chunks.next() { came += chunk }
                } catch let caught {
                    error = caught
                }
                #expect(error?.kind == .truncated)
                #expect(error?.isConnectionFailure == false)
                #expect(text(came) == "half")
                // It cannot be mistaken for a whole body later either.
                let again = try await failure {
                    try await response.body.collect(upTo: 10)
                }
                #expect(again.kind == .truncated)
            }
        }
    }

    @Test(
        "before the body",
        arguments: [
            [.close], [.reset], [.text("HTTP/1.1 200 OK\r\nContent-"), .close],
            [.text("HTTP/1.1 100 Continue\r\n\r\n"), .close],
        ] as [[Step]]
    )
    func head(_ script: [Step]) async throws {
        try await ScriptedHTTPServer.run { _ in
            script
        } while: { server in
            try await withClient { client in
                let error = try await failure {
                    try await client.send(HTTPRequest(url: server.url))
                }
                #expect(error.kind == .truncated, "\(error)")
                #expect(!error.isConnectionFailure)
            }
        }
    }

    @Test(
        "and one that is whole is not",
        arguments: [
            [.chunkedHead(), .chunk("half"), .lastChunk, .close],
            [.chunkedHead(), .chunk("half"), .text("0\r\nX-Trailer: 1\r\n\r\n"), .close],
            [.text("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhalf"), .close],
            [.text("HTTP/1.0 200 OK\r\n\r\nhalf"), .close],
        ] as [[Step]]
    )
    func whole(_ script: [Step]) async throws {
        try await ScriptedHTTPServer.run { _ in
            script
        } while: { server in
            try await withClient { client in
                let response = try await client.send(HTTPRequest(url: server.url))
                #expect(try await response.body.text() == "half")
                #expect(response.headers["X-Trailer"] == nil)
            }
        }
    }

    @Test(
        "and so is what is no HTTP/1.1, under its own name",
        arguments: [
            [.text("SSH-2.0-OpenSSH_9.2\r\n"), .close],
            [.text("HTTP/1.1 abc OK\r\n\r\n"), .close],
            [.chunkedHead(), .text("zz\r\nhalf\r\n"), .close],
        ] as [[Step]]
    )
    func noHTTP(_ script: [Step]) async throws {
        try await ScriptedHTTPServer.run { _ in
            script
        } while: { server in
            try await withClient { client in
                let error = try await failure {
                    try await client.send(HTTPRequest(url: server.url)).body.collect(upTo: 10)
                }
                #expect(error.kind == .protocol, "\(error)")
            }
        }
    }

    @Test("Headers beyond the bound are refused, within it they are taken")
    func headerBound() async throws {
        let line = "X-Filler: \(String(repeating: "x", count: 1000))\r\n"
        try await ScriptedHTTPServer.run { request in
            let count = request.uri == "/many" ? 300 : 200
            return [.text("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + String(repeating: line, count: count) + "\r\n")]
        } while: { server in
            try await withClient { client in
                #expect(try await client.send(HTTPRequest(url: server.url)).headers.all("x-filler").count == 200)
                let error = try await failure {
                    try await client.send(HTTPRequest(url: server.url + "/many"))
                }
                #expect(error.kind == .protocol)
                #expect(error.message.contains("headers"))
            }
        }
    }

    @Test("A single endless header line is refused")
    func endlessLine() async throws {
        try await ScriptedHTTPServer.run { _ in
            [.text("HTTP/1.1 200 OK\r\nX-Filler: " + String(repeating: "x", count: 1 << 20))]
        } while: { server in
            try await withClient { client in
                let error = try await failure {
                    try await client.send(HTTPRequest(url: server.url))
                }
                #expect(error.kind == .protocol, "\(error)")
            }
        }
    }
}
