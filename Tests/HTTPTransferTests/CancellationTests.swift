import TestSupport
import Testing

@testable import HTTPTransfer

@Suite("A transfer that nobody wants ends", .timeLimit(.minutes(1)))
struct CancellationTests {
    typealias Gate = ScriptedHTTPServer.Gate

    /// Starts the work, cancels it when `moment` has come, and returns its failure.
    private static func cancel(
        _ work: @escaping @Sendable () async throws -> Void,
        when moment: () async throws -> Void
    ) async throws -> HTTPTransferError {
        let task = Task { try await work() }
        try await moment()
        task.cancel()
        return try await failure { try await task.value }
    }

    @Test("cancelled before it was sent")
    func before() async throws {
        try await ScriptedHTTPServer.run { _ in
            [.answer()]
        } while: { server in
            try await withClient { client in
                let gate = Gate()
                let error = try await Self.cancel {
                    // Waits for its own cancellation.
                    try? await gate.wait()
                    _ = try await client.send(HTTPRequest(url: server.url))
                } when: {
                }
                #expect(error.kind == .cancelled)
                #expect(server.log.entries.requests.isEmpty)
            }
        }
    }

    @Test("cancelled while it waits for a slot")
    func waiting() async throws {
        try await ScriptedHTTPServer.run { _ in
            [.chunkedHead(), .chunk("one"), .silence]
        } while: { server in
            try await withClient(HTTPClientLimits(concurrentTransfers: 1)) { client in
                let holder = try await client.send(HTTPRequest(url: server.url))
                let error = try await Self.cancel {
                    _ = try await client.send(HTTPRequest(url: server.url))
                } when: {
                    try await eventually { client.unfinishedTransfers == 2 }
                }
                #expect(error.kind == .cancelled)
                try await eventually { client.unfinishedTransfers == 1 }
                #expect(server.log.entries.requests.count == 1)
                // The slot goes to the next.
                _ = consume holder
                #expect(try await client.send(HTTPRequest(url: server.url)).status == 200)
            }
        }
    }

    @Test("cancelled while it connects")
    func connecting() async throws {
        let door = ClosedDoor(.drops)
        try await withClient { [port = door.port] client in
            let error = try await Self.cancel {
                _ = try await client.send(HTTPRequest(url: "http://127.0.0.1:\(port)", connectTimeout: .seconds(3600)))
            } when: {
                try await eventually { client.unfinishedTransfers == 1 }
            }
            #expect(error.kind == .cancelled)
            try await eventually { client.unfinishedTransfers == 0 }
        }
        withExtendedLifetime(door) {}
    }

    @Test("cancelled while it waits for the head: the server sees the close")
    func head() async throws {
        try await ScriptedHTTPServer.run { _ in
            [.silence]
        } while: { server in
            try await withClient { client in
                let error = try await Self.cancel {
                    _ = try await client.send(HTTPRequest(url: server.url))
                } when: {
                    try await server.log.wait { $0.requests.count == 1 }
                }
                #expect(error.kind == .cancelled)
                #expect(!error.isConnectionFailure)
                try await server.log.wait { $0.closed == 1 }
            }
        }
    }

    @Test("cancelled while it waits for the body: the server sees the close")
    func body() async throws {
        let isReading = Gate()
        try await ScriptedHTTPServer.run { _ in
            [.chunkedHead(), .chunk("one"), .silence]
        } while: { server in
            try await withClient { client in
                let error = try await Self.cancel {
                    let response = try await client.send(HTTPRequest(url: server.url))
                    for try await _ in response.body { isReading.open() }
                } when: {
                    try await isReading.wait()
                }
                #expect(error.kind == .cancelled)
                try await server.log.wait { $0.closed == 1 }
            }
        }
    }

    @Test("dropped unread, and dropped in the middle, held back or not")
    func dropped() async throws {
        let large = [UInt8](repeating: 1, count: 8 << 20)
        try await ScriptedHTTPServer.run { request in
            request.uri == "/large" ? [.answer(body: large)] : [.chunkedHead(), .chunk("one"), .silence]
        } while: { server in
            try await withClient { client in
                _ = try await client.send(HTTPRequest(url: server.url))
                try await server.log.wait { $0.closed == 1 }
                do {
                    var chunks = try await client.send(HTTPRequest(url: server.url)).body.makeAsyncIterator()
                    #expect(text(try await chunks.next()) == "one")
                }
                try await server.log.wait { $0.closed == 2 }
                do {
                    let response = try await client.send(HTTPRequest(url: server.url + "/large"))
                    try await eventually { response.body.isHeldBack }
                }
                try await server.log.wait { $0.closed == 3 }
                try await eventually { client.unfinishedTransfers == 0 }
            }
        }
    }

    @Test("an answer that was whole before it was dropped leaves its connection in use")
    func droppedAfterTheEnd() async throws {
        try await ScriptedHTTPServer.run { _ in
            [.answer(body: [1, 2, 3])]
        } while: { server in
            try await withClient { client in
                for _ in 1...3 {
                    let response = try await client.send(HTTPRequest(url: server.url))
                    try await eventually { client.unfinishedTransfers == 0 }
                    _ = consume response
                }
                #expect(server.log.entries.accepted == 1)
            }
        }
    }

    @Test("two tasks cannot read one body at once")
    func twoConsumers() async throws {
        let go = Gate()
        try await ScriptedHTTPServer.run { _ in
            [.chunkedHead(), .wait(go), .chunk("one"), .lastChunk]
        } while: { server in
            try await withClient { client in
                let body = try await client.send(HTTPRequest(url: server.url)).body
                async let first: Result<String, any Error> = outcome { try await body.text() }
                async let second: Result<String, any Error> = outcome { try await body.text() }
                // Whichever came second has failed by now, or fails when it comes; the other one waits.
                go.open()
                let outcomes = [await first, await second].compactMap { try? $0.get() }
                #expect(outcomes.contains("one"))
            }
        }
    }

    private func outcome(_ work: () async throws -> String) async -> Result<String, any Error> {
        do { return .success(try await work()) } catch { return .failure(error) }
    }
}
