import TestSupport
import Testing

@testable import HTTPTransfer

@Suite("Connections and slots", .timeLimit(.minutes(1)))
struct ConnectionTests {
    typealias Gate = ScriptedHTTPServer.Gate

    @Test("One connection serves request after request, but not those that want their own")
    func reuse() async throws {
        try await ScriptedHTTPServer.run { _ in
            [.answer(body: [1])]
        } while: { server in
            try await withClient { client in
                for _ in 1...5 {
                    let response = try await client.send(HTTPRequest(url: server.url))
                    #expect(try await response.body.collect(upTo: 1) == [1])
                }
                #expect(server.log.entries.accepted == 1)
                for count in 2...4 {
                    let response = try await client.send(HTTPRequest(url: server.url, usesOwnConnection: true))
                    #expect(try await response.body.collect(upTo: 1) == [1])
                    #expect(server.log.entries.accepted == count)
                    // Closed behind it.
                    try await server.log.wait { $0.closed == count - 1 }
                }
                let response = try await client.send(HTTPRequest(url: server.url))
                #expect(try await response.body.collect(upTo: 1) == [1])
                #expect(server.log.entries.accepted == 4)
                #expect(server.log.entries.requests.map(\.connection) == [1, 1, 1, 1, 1, 2, 3, 4, 1])
            }
        }
    }

    @Test("A connection that the server closed while it was idle is replaced unseen")
    func stale() async throws {
        try await ScriptedHTTPServer.run { request in
            request.connection == 1 ? [.answer(body: [1]), .close] : [.answer(body: [2])]
        } while: { server in
            try await withClient { client in
                let first = try await client.send(HTTPRequest(url: server.url))
                #expect(try await first.body.collect(upTo: 1) == [1])
                try await server.log.wait { $0.closed == 1 }
                let second = try await client.send(HTTPRequest(url: server.url))
                #expect(try await second.body.collect(upTo: 1) == [2])
            }
        }
    }

    @Test("64 at once, each with its own answer")
    func together() async throws {
        let all = Gate()
        try await ScriptedHTTPServer.run { request in
            [.wait(all), .answer(body: Array(request.uri.utf8))]
        } while: { server in
            try await withClient(HTTPClientLimits(concurrentTransfersPerHost: 64)) { client in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 1...64 {
                        group.addTask {
                            let response = try await client.send(HTTPRequest(url: "\(server.url)/\(number)"))
                            let body = try await response.body.text()
                            #expect(body == "/\(number)")
                        }
                    }
                    // All of them are with the server before it answers the first.
                    try await server.log.wait { $0.requests.count == 64 }
                    all.open()
                    try await group.waitForAll()
                }
                #expect(server.log.entries.accepted == 64)
            }
        }
    }

    @Test("Beyond eight to one host they wait, in order, and watches do not count")
    func perHost() async throws {
        let go = Gate()
        try await ScriptedHTTPServer.run { request in
            request.uri == "/watch"
                ? [.chunkedHead(), .chunk("one"), .silence] : [.wait(go), .answer(body: Array(request.uri.utf8))]
        } while: { server in
            try await withClient { client in
                var watches: [HTTPResponse] = []
                for _ in 1...10 {
                    let request = HTTPRequest(url: server.url + "/watch", usesOwnConnection: true)
                    watches.append(try await client.send(request))
                }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 1...40 {
                        group.addTask {
                            let response = try await client.send(HTTPRequest(url: "\(server.url)/\(number)"))
                            let body = try await response.body.text()
                            #expect(body == "/\(number)")
                        }
                    }
                    try await eventually { client.unfinishedTransfers == 50 }
                    try await server.log.wait { $0.requests.count == 18 }
                    go.open()
                    try await group.waitForAll()
                }
                #expect(server.log.entries.requests.count == 50)
                #expect(server.log.entries.accepted == 18)
                #expect(watches.count == 10)
            }
        }
    }

    @Test("Beyond what may wait they are refused")
    func overloaded() async throws {
        let limits = HTTPClientLimits(concurrentTransfers: 1, waitingTransfers: 1, ownConnections: 1)
        try await ScriptedHTTPServer.run { _ in
            [.chunkedHead(), .chunk("one"), .silence]
        } while: { server in
            try await withClient(limits) { client in
                let request = HTTPRequest(url: server.url)
                let own = HTTPRequest(url: server.url, usesOwnConnection: true)
                let running = try await client.send(request)
                async let waiting = client.send(request)
                try await eventually { client.unfinishedTransfers == 2 }
                let error = try await failure { try await client.send(request) }
                #expect(error.kind == .overloaded)
                let watch = try await client.send(own)
                #expect(try await failure { try await client.send(own) }.kind == .overloaded)
                _ = consume watch
                try await eventually { client.unfinishedTransfers == 2 }
                #expect(try await client.send(own).status == 200)
                _ = consume running
                #expect(try await waiting.status == 200)
            }
        }
    }

    @Test("Shutdown ends transfers in every stage")
    func shutdown() async throws {
        try await ScriptedHTTPServer.run { request in
            request.uri == "/head" ? [.silence] : [.chunkedHead(), .chunk("one"), .silence]
        } while: { server in
            let client = HTTPClient(limits: HTTPClientLimits(concurrentTransfers: 2))
            var chunks = try await client.send(HTTPRequest(url: server.url + "/body")).body.makeAsyncIterator()
            #expect(text(try await chunks.next()) == "one")
            try await withThrowingTaskGroup(of: HTTPTransferError.Kind.self) { group in
                // One of the two gets the slot, the other one waits.
                for _ in 1...2 {
                    group.addTask {
                        try await failure { try await client.send(HTTPRequest(url: server.url + "/head")) }.kind
                    }
                }
                try await server.log.wait { $0.requests.count == 2 }
                try await eventually { client.unfinishedTransfers == 3 }
                client.shutdown()
                for try await kind in group { #expect(kind == .shutdown) }
            }
            #expect(try await failure { try await chunks.next() }.kind == .shutdown)
            #expect(try await failure { try await client.send(HTTPRequest(url: server.url)) }.kind == .shutdown)
            try await server.log.wait { $0.closed == 2 }
            await client.shutdownAndWait()
        }
    }

    @Test("Shutdown of a client that never sent anything")
    func idleShutdown() async throws {
        let client = HTTPClient()
        await client.shutdownAndWait()
        client.shutdown()
        let error = try await failure { try await client.send(HTTPRequest(url: "http://127.0.0.1:1")) }
        #expect(error.kind == .shutdown)
    }

    @Test("A body keeps its client at work; with the last of both the connections close")
    func clientDropped() async throws {
        let go = Gate()
        try await ScriptedHTTPServer.run { _ in
            [.chunkedHead(), .wait(go), .chunk("one"), .lastChunk]
        } while: { server in
            do {
                let body = try await HTTPClient().send(HTTPRequest(url: server.url)).body
                go.open()
                #expect(try await body.text() == "one")
            }
            try await server.log.wait { $0.closed == 1 }
        }
    }
}
