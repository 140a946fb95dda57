import CZlib
import HTTPTypes
import HummingbirdTesting
import Listener
import NIOCore
import TestSupport
import Testing

@testable import EventReader
@testable import EventRoutes

@Suite("Exports")
struct ExportTests {
    private func lines(_ response: TestResponse) -> [Substring] {
        String(buffer: response.body).split(separator: "\n")
    }

    @Test func linesOfTheWholeRange() async throws {
        let served = try ServedAPI(.filled(2_500))
        try await served.run { client async throws in
            let response = try await client.get("/events/prod", accept: "application/x-ndjson")
            #expect(response.status == .ok)
            #expect(response.headers[.contentType] == "application/x-ndjson")
            #expect(response.headers[.vary] == "Accept, Accept-Encoding")
            #expect(response.headers[.contentLength] == nil)
            let lines = lines(response)
            #expect(lines.count == 2_500)
            #expect(lines[0].hasPrefix(#"{"metadata":{"name":"2499"}"#))
            #expect(Set(lines).count == 2_500)
        }
        #expect(served.repository.read { $0.questions.count } == 3)
    }

    @Test func withoutParametersAllClustersAreOneStream() async throws {
        let events = (0..<20).map { MemoryRepository.Event(time: $0, id: $0, cluster: $0 % 2 == 0 ? "a" : "b") }
        try await ServedAPI(MemoryRepository(events)).run { client async throws in
            #expect(lines(try await client.get("/events", accept: "application/x-ndjson")).count == 20)
            let problem = try await client.get("/events?perCluster=3", accept: "text/csv")
            #expect(problem.status == .badRequest)
            #expect(try problem.parameter == "perCluster")
        }
    }

    @Test(arguments: [1, 999, 1_000]) func aLimitBoundsIt(limit: Int) async throws {
        try await ServedAPI(.filled(1_500)).run { client async throws in
            let response = try await client.get("/events/prod?limit=\(limit)", accept: "application/x-ndjson")
            #expect(lines(response).count == limit)
            #expect(try await client.get("/events/prod?limit=1001", accept: "text/csv").parameter == "limit")
        }
    }

    @Test func csvHasAHeaderAndAFileName() async throws {
        try await ServedAPI(.filled(2)).run { client async throws in
            let response = try await client.get("/events/prod/shop/po/a%2Fb", accept: "text/csv")
            #expect(response.headers[.contentType] == "text/csv; charset=utf-8; header=present")
            #expect(
                response.headers[.contentDisposition] == #"attachment; filename="events-prod-shop-po-a_b.csv""#
            )
            #expect(
                String(buffer: response.body)
                    == "time,cluster,namespace,kind,name,type,reason,message,count,component,host,uid\r\n"
            )
            let two = try await client.get("/events/prod", accept: "text/csv")
            #expect(String(buffer: two.body).hasSuffix("uid\r\n1000000,1\r\n0,0\r\n"))
        }
    }

    @Test func anExportMayGoOnFromAPage() async throws {
        try await ServedAPI(.filled(30)).run { client async throws in
            let page = try await client.get("/events/prod?limit=10")
            let token = try #require(try page.token)
            let rest = lines(try await client.get("/events/prod?continue=\(token)", accept: "application/x-ndjson"))
            #expect(rest.count == 20)
            #expect(rest[0].contains(#""19""#))
        }
    }

    /// A stream in ascending order would never come to an end while events arrive.
    @Test func whatArrivesLaterIsNotFollowed() async throws {
        let served = try ServedAPI(.filled(2_500))
        let repository = served.repository
        repository.change { state in
            state.gate = { [repository] in
                repository.change { state in
                    for _ in 0..<2_000 {
                        let id = Int64(state.events.count)
                        state.events.append(MemoryRepository.Event(time: 1_000_000 * id, id: id))
                    }
                }
            }
        }
        try await served.run { client async throws in
            let count = lines(try await client.get("/events/prod?order=asc", accept: "application/x-ndjson")).count
            // Those that came while the newest was asked for may be among them.
            #expect((2_500...4_500).contains(count))
        }
        repository.change { $0.gate = nil }
    }

    @Test func whatIsWrongWithAQuestionIsSaidAsWithAPage() async throws {
        let served = try ServedAPI(.filled(3))
        try await served.run { client async throws in
            for accept in ["application/x-ndjson", "text/csv"] {
                #expect(try await client.get("/events/nowhere", accept: accept).status == .notFound)
                #expect(try await client.get("/events/prod?sinse=1h", accept: accept).parameter == "sinse")
            }
            served.repository.change { $0.failure = .unavailable }
            let response = try await client.get("/events/prod", accept: "text/csv")
            #expect(response.status == .serviceUnavailable)
            #expect(response.headers[.contentType] == "application/problem+json")
        }
        #expect(served.exportsUnderWay == "0")
    }

    @Test func aStreamThatFailsEndsWithoutItsLastChunk() async throws {
        let served = try ServedAPI(.filled(2_500))
        let asked = Observed(0)
        served.repository.change { state in
            state.gate = { [repository = served.repository] in
                let number = asked.change { asked in
                    asked += 1
                    return asked
                }
                if number == 3 { repository.change { $0.failure = .tooSlow } }
            }
        }
        try await served.listen { port in
            let client = try await RawClient(port: port, request("/events/prod", "application/x-ndjson", close: true))
            let answer = try await client.end()
            #expect(answer.text.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(
                answer.text.contains("transfer-encoding: chunked") || answer.text.contains("Transfer-Encoding: chunked")
            )
            #expect(answer.text.contains(#""name":"500""#))
            #expect(!answer.text.contains(#""name":"499""#))
            #expect(answer.chunkedBody == nil)

            served.repository.change { ($0.gate, $0.failure) = (nil, nil) }
            let whole = try await RawClient(port: port, request("/events/prod", "application/x-ndjson", close: true))
                .end()
            #expect(whole.chunkedBody?.split(separator: "\n").count == 2_500)
        }
        #expect(served.metric("kee_exports_broken_total") == "1")
    }

    @Test func headAsksForNoEvent() async throws {
        let served = try ServedAPI(.filled(3))
        try await served.run { client async throws in
            for accept in ["application/x-ndjson", "text/csv"] {
                let response = try await client.execute(
                    uri: "/events/prod",
                    method: .head,
                    headers: [.accept: accept, .acceptEncoding: "gzip"]
                )
                #expect(response.status == .ok)
                #expect(response.headers[.contentType]?.hasPrefix(accept) == true)
                #expect(response.body.readableBytes == 0)
            }
            let unknown = try await client.execute(uri: "/events/x", method: .head, headers: [.accept: "text/csv"])
            #expect(unknown.status == .notFound)
        }
        #expect(served.repository.read { $0.questions.isEmpty })
    }

    @Test func moreThanTheirNumberAreRefusedWhilePagesGoOn() async throws {
        var served = try ServedAPI(.filled(2_500))
        served.settings.exportBound = 2
        served.settings.exportFetches = 2
        let mayGoOn = Observed(false)
        // The second page of an export waits.
        served.repository.change { state in
            state.gate = { [repository = served.repository] in
                let isFirst = repository.read { $0.questions.count } <= 2
                if !isFirst { _ = try? await mayGoOn.wait(until: { $0 }) }
            }
        }
        let api = served
        try await api.listen { port in
            let ask = request("/events/prod", "application/x-ndjson", close: true)
            let clients = [try await RawClient(port: port, ask), try await RawClient(port: port, ask)]
            try await eventually("both wait", ask: { api.repository.read { $0.questions.count } }, until: { $0 == 4 })
            #expect(api.exportsUnderWay == "2")
            let refused = try await RawClient(port: port, request("/events/prod", "text/csv", close: true)).end()
            #expect(refused.text.hasPrefix("HTTP/1.1 503 "))
            #expect(refused.text.contains("Retry-After: 10\r\n"))
            api.repository.change { $0.gate = nil }
            let page = try await RawClient(port: port, request("/events/prod?limit=3", "*/*", close: true)).end()
            #expect(page.text.hasPrefix("HTTP/1.1 200 "))

            mayGoOn.change { $0 = true }
            for client in clients {
                #expect(try await client.end().chunkedBody?.split(separator: "\n").count == 2_500)
            }
            try await api.exports(become: "0")
        }
        #expect(api.metric("kee_exports_refused_total") == "1")
    }

    @Test func aClientThatLeavesFreesItsPlaceWithinASecond() async throws {
        let served = try ServedAPI(.filled(2_500))
        let isCancelled = Observed(false)
        served.repository.change { state in
            state.gate = { [repository = served.repository] in
                guard repository.read({ $0.questions.count }) > 1 else { return }
                // A question that the archive would take long to answer.
                do { try await Task.sleep(for: .seconds(600)) } catch { isCancelled.change { $0 = true } }
            }
        }
        try await served.listen { port in
            let client = try await RawClient(
                port: port,
                request("/events/prod", "application/x-ndjson"),
                isReading: false
            )
            try await eventually(
                "the second page is asked for",
                ask: { served.repository.read { $0.questions.count } },
                until: { $0 == 2 }
            )
            let start = ContinuousClock.now
            try await client.close()
            try await isCancelled.wait(until: { $0 })
            try await served.exports(become: "0")
            #expect(start.duration(to: .now) < .seconds(1))
        }
    }

    @Test func aClientThatDoesNotReadIsCutOff() async throws {
        let reason = String(repeating: "x", count: 4_000)
        let events = (0..<5_000).map { MemoryRepository.Event(time: $0, id: $0, reason: reason) }
        var served = try ServedAPI(MemoryRepository(events))
        served.settings.limits.writeTimeout = .milliseconds(500)
        let api = served
        try await api.listen { port in
            let client = try await RawClient(
                port: port,
                request("/events/prod", "application/x-ndjson"),
                isReading: false
            )
            try await api.exports(become: "1")
            try await api.exports(become: "0")
            #expect(api.repository.read { $0.questions.count } < 5, "it was held up before the end")
            try await client.close()
        }
    }

    @Test(arguments: ["application/x-ndjson", "application/json", "text/csv"])
    func gzipIsTheSameInLess(accept: String) async throws {
        try await ServedAPI(.filled(1_000)).run { client async throws in
            let uri = "/events/prod?limit=1000"
            let plain = try await client.get(uri, accept: accept)
            let packed = try await client.execute(
                uri: uri,
                method: .get,
                headers: [.accept: accept, .acceptEncoding: "gzip"]
            )
            #expect(packed.headers[.contentEncoding] == "gzip")
            #expect(packed.headers[.vary] == "Accept, Accept-Encoding")
            #expect(packed.body.readableBytes < plain.body.readableBytes / 3)
            #expect(inflated(packed.body) == String(buffer: plain.body))
            let little = try await client.execute(
                uri: "/events/prod?limit=3",
                method: .get,
                headers: [.acceptEncoding: "gzip"]
            )
            #expect(little.headers[.contentEncoding] == nil, "not worth it")
        }
    }

    private func inflated(_ buffer: ByteBuffer) -> String {
        var stream = z_stream()
        inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        defer { inflateEnd(&stream) }
        var output = [UInt8](repeating: 0, count: 1 << 20)
        var input = Array(buffer.readableBytesView)
        let result = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                return inflate(&stream, Z_FINISH)
            }
        }
        #expect(result == Z_STREAM_END)
        return String(decoding: output.prefix(Int(stream.total_out)), as: UTF8.self)
    }
}

/// A request as bytes.
func request(_ uri: String, _ accept: String, close: Bool = false) -> String {
    "GET \(uri) HTTP/1.1\r\nHost: x\r\nAccept: \(accept)\r\n\(close ? "Connection: close\r\n" : "")\r\n"
}
