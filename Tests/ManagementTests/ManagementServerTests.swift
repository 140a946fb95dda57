import CoreMetrics
import Logging
import Management
import NIOCore
import PrometheusMetrics
import Settings
import Testing

@Suite(.timeLimit(.minutes(1))) struct ManagementServerTests {
    @Test func aHealthyProgramSaysOk() async throws {
        try await withManagement(readiness: [HealthCheck("database") { nil }]) { address in
            #expect(address.port != 0)
            for path in ["/livez", "/readyz", "/readyz?verbose"] {
                let answer = try await send(path, to: address)
                #expect(answer.status == 200)
                #expect(answer.body == "ok\n")
                #expect(answer.fields["content-type"] == "text/plain; charset=utf-8")
                #expect(answer.fields["cache-control"] == "no-store")
            }
        }
    }

    @Test func whatFailsIsNamedOneALine() async throws {
        let readiness = [
            HealthCheck("database") { "connection refused\nby the host" },
            HealthCheck("spool") { nil },
            HealthCheck("watch") { "no frame for 90 s" },
        ]
        try await withManagement(readiness: readiness) { address in
            let answer = try await send("/readyz", to: address)
            #expect(answer.status == 503)
            #expect(answer.body == "database: connection refused by the host\nwatch: no frame for 90 s\n")
            #expect(try await send("/livez", to: address).status == 200, "readiness is not liveness")
        }
    }

    @Test func aCheckThatHangsIsNotWaitedForAndRunsOnce() async throws {
        let stuck = StuckCheck()
        let liveness = [HealthCheck("stuck") { await stuck.hang() }]
        try await withManagement(liveness: liveness) { address in
            let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
                for _ in 0..<5 { group.addTask { try await send("/livez", to: address) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.map(\.status) == [503, 503, 503, 503, 503])
            #expect(answers.first?.body == "stuck: no answer within 2.0 seconds\n")
            #expect(await stuck.count == 1)
            // It comes back to life, and the next probe asks it anew.
            await stuck.release()
            #expect(try await send("/livez", to: address).status == 200)
        }
    }

    @Test func metricsComeInBothFormats() async throws {
        let registry = PrometheusRegistry()
        registry.makeCounter(label: "hits", dimensions: []).increment(by: 3)
        try await withManagement(metrics: registry) { address in
            let text = try await send("/metrics", to: address)
            #expect(text.status == 200)
            #expect(text.fields["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(text.body.hasSuffix("\nkee_hits_total 3\n"))
            let open = try await send("/metrics", fields: ["Accept: application/openmetrics-text"], to: address)
            #expect(open.fields["content-type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8")
            #expect(open.body.hasSuffix("kee_hits_total 3\n# EOF\n"))
        }
    }

    @Test(arguments: ["/metrics", "/livez", "/readyz"]) func headTellsTheLengthAndNoBody(path: String) async throws {
        let registry = PrometheusRegistry()
        registry.makeCounter(label: "hits", dimensions: []).increment(by: 3)
        try await withManagement(metrics: registry) { address in
            let head = try await send("HEAD", path, to: address)
            let get = try await send("GET", path, to: address)
            #expect(head.status == 200)
            #expect(head.body == "")
            #expect(head.fields["content-length"] == "\(get.body.utf8.count)")
        }
    }

    @Test func otherPathsAndMethodsAreRefused() async throws {
        try await withManagement { address in
            #expect(try await send("/", to: address).status == 404)
            #expect(try await send("/metrics/", to: address).status == 404)
            #expect(try await send("/../metrics", to: address).status == 404)
            #expect(try await send("POST", "/nothing", to: address).status == 404)
            for method in ["POST", "DELETE", "OPTIONS", "PATCH"] {
                let answer = try await send(method, "/metrics", to: address)
                #expect(answer.status == 405)
                #expect(answer.fields["allow"] == "GET, HEAD")
            }
        }
    }

    @Test func oneConnectionServesSeveralRequests() async throws {
        try await withManagement { address in
            let request = "GET /livez HTTP/1.1\r\nHost: test\r\n\r\n"
            let both = try await withConnection(to: address) { inbound, outbound in
                var all = ""
                var iterator = inbound.makeAsyncIterator()
                for round in 1...2 {
                    try await outbound.write(ByteBuffer(string: request))
                    while all.components(separatedBy: "ok\n") <= round, let part = try await iterator.next() {
                        all += String(buffer: part)
                    }
                }
                return all
            }
            #expect(both.components(separatedBy: "HTTP/1.1 200") == 3)
        }
    }

    @Test func headersBeyondTheBoundEndTheConnection() async throws {
        try await withManagement { address in
            let large = try await send(
                "/livez",
                fields: ["X-Large: " + String(repeating: "a", count: 20_000)],
                to: address
            )
            #expect(large.status == 400)
            let many = try await send("/livez", fields: (0..<200).map { "X-\($0): a" }, to: address)
            #expect(many.status == 400)
            #expect(try await send("/livez", to: address).status == 200, "and harms nobody else")
        }
    }

    @Test(arguments: [
        "GET\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
    ])
    func whatIsNoRequestHarmsNobody(bytes: String) async throws {
        try await withManagement { address in
            let answer = try await withConnection(to: address) { inbound, outbound in
                try await outbound.write(ByteBuffer(string: bytes))
                outbound.finish()
                var all = ""
                for try await part in inbound { all += String(buffer: part) }
                return all
            }
            #expect(!answer.contains(" 200 "))
            #expect(try await send("/livez", to: address).status == 200)
        }
    }

    @Test func sixtyFourConnectionsAndNoMore() async throws {
        try await withManagement { address in
            try await withThrowingTaskGroup(of: Int.self) { group in
                // Idle connections take every place: the 65th is answered only when one of them goes.
                let (released, release) = AsyncStream.makeStream(of: Void.self)
                let (opened, open) = AsyncStream.makeStream(of: Void.self)
                for index in 0..<64 {
                    group.addTask {
                        try await withConnection(to: address) { inbound, outbound in
                            try await outbound.write(ByteBuffer(string: "GET /livez HTTP/1.1\r\nHost: t\r\n\r\n"))
                            var iterator = inbound.makeAsyncIterator()
                            _ = try await iterator.next()
                            open.yield()
                            if index == 0 {
                                for await _ in released { break }
                            } else {
                                while try await iterator.next() != nil {}
                            }
                            return 0
                        }
                    }
                }
                var count = 0
                for await _ in opened {
                    count += 1
                    if count == 64 { break }
                }
                group.addTask { try await send("/livez", to: address).status }
                release.yield()
                while let status = try await group.next() {
                    guard status == 200 else { continue }
                    group.cancelAll()
                    return
                }
                Issue.record("the 65th was never answered")
            }
        }
    }

    @Test func aGracefulShutdownDoesNotWaitForIdleConnections() async throws {
        let started = ContinuousClock.now
        try await withManagement { address in
            // A keep-alive connection and one that never asks; both are let go when the body ends.
            try await withConnection(to: address) { inbound, outbound in
                try await outbound.write(ByteBuffer(string: "GET /livez HTTP/1.1\r\nHost: t\r\n\r\n"))
                var iterator = inbound.makeAsyncIterator()
                _ = try await iterator.next()
            }
        }
        #expect(ContinuousClock.now - started < .seconds(9))
    }

    @Test func anAddressInUseIsSaid() async throws {
        try await withManagement { address in
            let second = ManagementServer(
                address: address,
                metrics: PrometheusRegistry(),
                logger: Logger(label: "second")
            )
            let error = await #expect(throws: ManagementError.self) { try await second.run() }
            #expect(
                error.map { "\($0)" } == "cannot listen on \(address) for management: Address already in use; "
                    + "choose another address with --management-listen"
            )
        }
    }
}

/// A check that heeds no cancellation and hangs until it is released; afterwards it is well.
actor StuckCheck {
    private(set) var count = 0
    private var waiting: CheckedContinuation<Void, Never>?
    private var isReleased = false

    func hang() async -> String? {
        count += 1
        if !isReleased { await withCheckedContinuation { waiting = $0 } }
        return nil
    }

    func release() {
        isReleased = true
        waiting?.resume()
        waiting = nil
    }
}

extension String {
    /// How many parts a separator makes of this text.
    fileprivate func components(separatedBy separator: String) -> Int {
        split(separator: separator, omittingEmptySubsequences: false).count
    }
}
