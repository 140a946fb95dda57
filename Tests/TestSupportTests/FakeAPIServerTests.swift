import HTTPTransfer
import JSON
import Testing

@testable import TestSupport

@Suite("The fake API server, by its bytes", .timeLimit(.minutes(2)))
struct FakeAPIServerTests {
    private let http = HTTPClient()

    private func get(_ url: String) async throws -> (status: Int, body: JSONValue) {
        let response = try await http.send(HTTPRequest(url: url, totalTimeout: .seconds(30)))
        let body = try await response.body.collect(upTo: 64 << 20)
        return (response.status, try JSONDocument(parsing: body).root)
    }

    private func names(_ list: JSONValue) -> [String] {
        list["items"].map { $0.elements.compactMap { $0["metadata"]?["name"]?.string } } ?? []
    }

    private func events(_ names: String...) -> [FakeAPIServer.Event] { names.map { FakeAPIServer.Event(name: $0) } }

    @Test func aWatchFromTheFutureIsSilentAndAListSaysWhy() async throws {
        try await FakeAPIServer.run { server in
            let events = server.url + "/api/v1/events?"
            let request = HTTPRequest(url: events + "watch=1&resourceVersion=5000&timeoutSeconds=1")
            let watch = try await http.send(request)
            server.put(self.events("a"))
            #expect(watch.status == 200)
            #expect(
                try await watch.body.collect(upTo: 1 << 20) == [],
                "it ends cleanly after its second, without a word"
            )
            for match in ["NotOlderThan", "Exact"] {
                let list = try await get(events + "limit=1&resourceVersion=5000&resourceVersionMatch=\(match)")
                #expect(list.status == 504)
                #expect(
                    list.body["details"]?["causes"]?.elements.map { $0["reason"]?.string } == [
                        "ResourceVersionTooLarge"
                    ]
                )
            }
            let list = try await get(events + "limit=1&resourceVersion=1000&resourceVersionMatch=NotOlderThan")
            #expect(list.status == 200)
            #expect(list.body["metadata"]?["resourceVersion"]?.string == "1001")
        }
    }

    @Test func aHalfOpenConnectionIsSilentAndANewOneWorks() async throws {
        try await FakeAPIServer.run { server in
            let url = server.url + "/api/v1/events?watch=1&resourceVersion=1000"
            let watch = try await http.send(HTTPRequest(url: url, silenceTimeout: .seconds(1), usesOwnConnection: true))
            var body = watch.body.makeAsyncIterator()
            server.put(events("before"))
            #expect(try await body.next() != nil)
            server.halfOpenConnections()
            server.put(events("after"))
            #expect(try await names(get(server.url + "/api/v1/events").body).count == 2)
            await #expect(throws: HTTPTransferError.self) { while try await body.next() != nil {} }
            let other = try await http.send(HTTPRequest(url: url + "&timeoutSeconds=1", usesOwnConnection: true))
            #expect(try await other.body.collect(upTo: 1 << 20).split(separator: 10).count == 2)
        }
    }

    @Test func aListInPagesShowsOneVersionWhileItChanges() async throws {
        try await FakeAPIServer.run { server in
            server.put(events("a", "b", "c", "d"))
            let list = server.url + "/api/v1/events?limit=2"
            let first = try await get(list).body
            #expect(names(first) == ["a", "b"])
            let token = try #require(first["metadata"]?["continue"]?.string)
            server.delete(events("c"))
            server.put(events("d", "e"))
            let second = try await get(list + "&continue=\(token)").body
            #expect(names(second) == ["c", "d"])
            #expect(second["metadata"]?["resourceVersion"]?.string == "1004")
            #expect(second["items"]?.elements.map { $0["metadata"]?["resourceVersion"]?.string } == ["1003", "1004"])
            #expect(second["items"]?.elements.allSatisfy { $0["kind"] == nil && $0["apiVersion"] == nil } == true)

            server.expireAll()
            let expired = try await get(list + "&continue=\(token)")
            #expect(expired.status == 410)
            #expect(expired.body["reason"]?.string == "Expired")
            let fresh = try #require(expired.body["metadata"]?["continue"]?.string)
            #expect(try await names(get(list + "&continue=\(fresh)").body) == ["d", "e"])
            #expect(try await get(list + "&resourceVersion=1004&resourceVersionMatch=Exact").status == 410)
        }
    }

    @Test func aWatchThatIsOvertakenByACompactionIsToldSo() async throws {
        try await FakeAPIServer.run { server in
            let url = server.url + "/api/v1/events?watch=1&resourceVersion=1000"
            let watch = try await http.send(HTTPRequest(url: url, usesOwnConnection: true))
            // More than all buffers between here and there hold.
            let long = String(repeating: "x", count: 100_000)
            server.put((0..<500).map { FakeAPIServer.Event(name: "e\($0)", message: long) })
            server.expireAll()
            let lines = try await watch.body.collect(upTo: 64 << 20).split(separator: 10)
            #expect(lines.count < 500)
            let last = try JSONDocument(parsing: Array(try #require(lines.last))).root
            #expect(last["type"]?.string == "ERROR")
            #expect(last["object"]?["code"]?.int64 == 410)
        }
    }

    @Test func aWatchThatIsUpToDateOutlivesACompaction() async throws {
        try await FakeAPIServer.run { server in
            server.put(events("a"))
            let url = server.url + "/api/v1/events?watch=1&resourceVersion=1001"
            let watch = try await http.send(HTTPRequest(url: url, usesOwnConnection: true))
            server.expireAll()
            server.put(events("b"))
            var body = watch.body.makeAsyncIterator()
            let frame = try JSONDocument(parsing: try #require(try await body.next())).root
            #expect(frame["object"]?["metadata"]?["name"]?.string == "b")
        }
    }

    @Test func whatIsPostedReachesTheServer() async throws {
        try await FakeAPIServer.run { server in
            let request = HTTPRequest(.post, url: server.url + "/apis/x", body: Array("{}".utf8))
            #expect(try await http.send(request).status == 404)
            let seen = try #require(server.requests.first)
            #expect(seen.method == "POST" && seen.body == Array("{}".utf8) && seen.kind == .other)
        }
    }

    @Test func aProcessThatIsKilledGoesOnWhereItWas() async throws {
        let folder = try TemporaryDirectory()
        let port = try RestartablePort.free()
        let url = "http://127.0.0.1:\(port)"
        let arguments = ["--port", "\(port)", "--store", folder.file("etcd"), "--events", "200", "--rate", "500"]
        func start() async throws -> LoggedProgram {
            let program = try await LoggedProgram.start(
                ProgramRun.path(of: "kee-fake-apiserver"),
                arguments,
                log: folder.file("log")
            )
            try await eventually("the server") {
                try? await get(url + "/fake/status")
            } until: {
                $0 != nil
            }
            return program
        }
        let first = try await start()
        let watch = try await http.send(HTTPRequest(url: url + "/api/v1/events?watch=1&resourceVersion=1000"))
        var body = watch.body.makeAsyncIterator()
        let seen = try #require(try await body.next())
        await first.kill()
        await #expect(throws: HTTPTransferError.self) { while try await body.next() != nil {} }

        let second = try await start()
        try await eventually("200 events") {
            try await get(url + "/fake/status").body["isDone"]?.bool
        } until: {
            $0 == true
        }
        let again = try await http.send(
            HTTPRequest(url: url + "/api/v1/events?watch=1&resourceVersion=1000&timeoutSeconds=1")
        )
        let all = try await again.body.collect(upTo: 64 << 20)
        #expect(all.starts(with: seen), "what was seen before it was killed is there after it")
        let frames = try all.split(separator: 10).map { try JSONDocument(parsing: Array($0)).root }
        #expect(frames.filter { $0["type"]?.string != "DELETED" }.count == 200)
        await second.kill()
    }
}
