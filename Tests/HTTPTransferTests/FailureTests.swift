import Logging
import Synchronization
import TestSupport
import Testing

@testable import HTTPTransfer

@Suite("Failures have names", .timeLimit(.minutes(1)))
struct FailureTests {
    @Test("Nobody listens")
    func refused() async throws {
        let door = ClosedDoor(.refuses)
        try await withClient { [port = door.port] client in
            let error = try await failure {
                try await client.send(HTTPRequest(url: "http://127.0.0.1:\(port)/path?q=1"))
            }
            #expect(error.kind == .refused)
            #expect(error.isConnectionFailure)
            #expect(error.message.hasPrefix("GET http://127.0.0.1:\(port)/path: "))
        }
        withExtendedLifetime(door) {}
    }

    @Test("A name without an address, of a host and of a proxy")
    func resolve() async throws {
        // A label of 64 bytes is one too long: no server is ever asked for it.
        let nobody = "http://\(String(repeating: "a", count: 64)).invalid/"
        try await withClient { client in
            for request in [HTTPRequest(url: nobody), HTTPRequest(url: "http://127.0.0.1:1/", proxy: nobody)] {
                let error = try await failure { try await client.send(request) }
                #expect(error.kind == .resolve, "\(error)")
                #expect(error.isConnectionFailure)
            }
        }
    }

    @Test("No connection in time: dropped packets, and a handshake that gets no answer")
    func connectTimeout() async throws {
        for (way, scheme) in [(ClosedDoor.Way.drops, "http"), (.accepts, "https")] {
            let door = ClosedDoor(way)
            try await withClient { [port = door.port] client in
                let request = HTTPRequest(url: "\(scheme)://127.0.0.1:\(port)", connectTimeout: .milliseconds(200))
                let error = try await failure { try await client.send(request) }
                #expect(error.kind == .connectTimeout, "\(error)")
                #expect(error.isConnectionFailure)
            }
            withExtendedLifetime(door) {}
        }
    }

    @Test("Silence before the head and in the body, after what came")
    func silence() async throws {
        try await ScriptedHTTPServer.run { request in
            request.uri == "/head" ? [.silence] : [.chunkedHead(), .chunk("half"), .silence]
        } while: { server in
            try await withClient { client in
                var request = HTTPRequest(url: server.url + "/head", silenceTimeout: .milliseconds(200))
                let inHead = try await failure { try await client.send(request) }
                #expect(inHead.kind == .silent)
                #expect(!inHead.isConnectionFailure)
                request.url = server.url + "/body"
                request.silenceTimeout = .seconds(1)
                var chunks = try await client.send(request).body.makeAsyncIterator()
                #expect(text(try await chunks.next()) == "half")
                let inBody = try await failure { try await chunks.next() }
                #expect(inBody.kind == .silent)
                try await server.log.wait { $0.closed == 2 }
            }
        }
    }

    @Test("A consumer that holds the transfer back is no silence of the server")
    func heldBackIsNoSilence() async throws {
        let size = 32 << 20
        let piece = [UInt8](repeating: 1, count: 1 << 20)
        try await ScriptedHTTPServer.run { _ in
            [.text("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n")] + Array(repeating: .send(piece), count: 32)
        } while: { server in
            try await withClient { client in
                let request = HTTPRequest(url: server.url, silenceTimeout: .seconds(2))
                let body = try await client.send(request).body
                try await eventually { body.isHeldBack }
                // Time passes that would be too long for a silent server.
                try await Task.sleep(for: .seconds(2.5))
                #expect(server.log.entries.bytesSent < size)
                #expect(try await body.collect(upTo: size).count == size)
            }
        }
    }

    @Test("Too long in all, before the head, in the body, and while it waits for a slot")
    func total() async throws {
        try await ScriptedHTTPServer.run { request in
            request.uri == "/head" ? [.silence] : [.chunkedHead(), .chunk("half"), .silence]
        } while: { server in
            try await withClient(HTTPClientLimits(concurrentTransfers: 1)) { client in
                var request = HTTPRequest(url: server.url + "/head", totalTimeout: .milliseconds(200))
                #expect(try await failure { try await client.send(request) }.kind == .totalTimeout)
                let holder = try await client.send(HTTPRequest(url: server.url + "/body"))
                let waiting = try await failure { try await client.send(request) }
                #expect(waiting.kind == .totalTimeout)
                #expect(waiting.isConnectionFailure)
                #expect(server.log.entries.requests.count == 2)
                _ = consume holder
                request.url = server.url + "/body"
                request.totalTimeout = .seconds(1)
                let response = try await client.send(request)
                #expect(try await failure { try await response.body.text() }.kind == .totalTimeout)
            }
        }
    }

    @Test("Neither errors nor logs tell secrets")
    func secrets() async throws {
        let door = ClosedDoor(.refuses)
        let port = door.port
        let log = RecordedLog()
        let client = HTTPClient(logger: Logger(label: "test") { _ in log })
        let secret = "hush"
        let request = HTTPRequest(
            .post,
            url: "http://user:\(secret)@127.0.0.1:\(port)/path?token=\(secret)",
            headers: [("Authorization", "Bearer \(secret)")],
            body: Array(secret.utf8)
        )
        var proxied = request
        proxied.proxy = "http://user:\(secret)@127.0.0.1:\(port)"
        for request in [request, proxied] {
            let error = try await failure { try await client.send(request) }
            #expect(error.kind == .refused)
            #expect(!"\(error) \(String(reflecting: error))".contains(secret))
        }
        await client.shutdownAndWait()
        #expect(log.lines.count == 2)
        #expect(!log.lines.joined().contains(secret))
    }
}

/// Keeps what is logged.
private final class RecordedLog: LogHandler {
    private let recorded = Mutex<[String]>([])

    var lines: [String] { recorded.withLock { $0 } }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        recorded.withLock { $0.append("\(event.message) \(event.metadata ?? [:])") }
    }
}
