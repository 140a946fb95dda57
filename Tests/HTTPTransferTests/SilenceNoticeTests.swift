import TestSupport
import Testing

@testable import HTTPTransfer

@Suite("Silence that is noticed and ends nothing", .timeLimit(.minutes(2)))
struct SilenceNoticeTests {
    private static let start = ContinuousClock.now

    private static func at(_ seconds: Double) -> ContinuousClock.Instant {
        start.advanced(by: .seconds(seconds))
    }

    @Test("Notices count from the head, from each byte and from each notice")
    func clock() {
        var clock = TransferClock(silence: nil, notice: .seconds(5), total: nil, now: Self.start)
        clock.byteMoved(Self.at(1))
        #expect(clock.due == nil)
        clock.byteMoved(Self.at(10))
        clock.headCame()
        #expect(clock.due == Self.at(15))
        clock.byteMoved(Self.at(12))
        var taken = [14, 16.9, 17, 17.1, 22.5].map { clock.takeNotice(at: Self.at($0)) }
        #expect(taken == [false, false, true, false, true])
        #expect(clock.due == Self.at(27.5))
        #expect(clock.overrun(at: Self.at(1e6)) == nil)
        clock.heldBack()
        #expect(clock.due == nil)
        clock.resumed(Self.at(100))
        taken = [104, 105].map { clock.takeNotice(at: Self.at($0)) }
        #expect(taken == [false, true])
    }

    @Test("The head has a time of its own")
    func headClock() {
        var clock = TransferClock(silence: nil, head: .seconds(5), total: .seconds(20), now: Self.start)
        clock.byteMoved(Self.at(4))
        #expect(clock.due == Self.at(5))
        #expect(clock.overrun(at: Self.at(4.9)) == nil)
        #expect(clock.overrun(at: Self.at(5)) == .head(.seconds(5)))
        clock.headCame()
        #expect(clock.due == Self.at(20))
        #expect(clock.overrun(at: Self.at(19)) == nil)
    }

    @Test("A notice comes once, after what is buffered, and not after news or the end")
    func state() {
        var state = TransferState(bufferLimit: 4)
        state.silenceCame()
        #expect(state.take() == .wait)
        _ = state.headCame()
        #expect(state.take() == .wait)
        state.silenceCame()
        state.silenceCame()
        #expect(state.take() == .chunk([], resumes: false))
        #expect(state.take() == .wait)
        _ = [UInt8](arrayLiteral: 1).withUnsafeBytes { state.bytesCame($0) }
        state.silenceCame()
        #expect(state.take() == .chunk([1], resumes: false))
        #expect(state.take() == .chunk([], resumes: false))
        state.silenceCame()
        _ = [UInt8](arrayLiteral: 2).withUnsafeBytes { state.bytesCame($0) }
        #expect(state.take() == .chunk([2], resumes: false))
        #expect(state.take() == .wait)
        state.silenceCame()
        _ = state.ended(nil)
        #expect(state.take() == .end)
        state.silenceCame()
        #expect(state.take() == .end)
    }

    @Test("A server that says nothing more is noticed again and again, and then heard when it speaks")
    func halfOpen() async throws {
        let speak = ScriptedHTTPServer.Gate()
        try await ScriptedHTTPServer.run { _ in
            [.chunkedHead(), .chunk("one"), .wait(speak), .chunk("two"), .lastChunk]
        } while: { server in
            try await withClient { client in
                let request = HTTPRequest(url: server.url, silenceNotice: .milliseconds(20))
                var chunks = try await client.send(request).body.makeAsyncIterator()
                #expect(text(try await chunks.next()) == "one")
                for _ in 0..<3 { #expect(try await chunks.next() == []) }
                speak.open()
                var chunk = try await chunks.next()
                while chunk == [] { chunk = try await chunks.next() }
                #expect(text(chunk) == "two")
                #expect(try await chunks.next() == nil)
            }
        }
    }

    @Test("Without a wish for notices there are none")
    func unasked() async throws {
        try await ScriptedHTTPServer.run { _ in
            [.chunkedHead(), .chunk("one"), .silence]
        } while: { server in
            try await withClient { client in
                let request = HTTPRequest(url: server.url, silenceTimeout: .milliseconds(50))
                var chunks = try await client.send(request).body.makeAsyncIterator()
                #expect(text(try await chunks.next()) == "one")
                #expect(try await failure { try await chunks.next() }.kind == .silent)
            }
        }
    }

    @Test("A head that does not come is given up; a body may take its time")
    func head() async throws {
        let speak = ScriptedHTTPServer.Gate()
        try await ScriptedHTTPServer.run { request in
            request.uri == "/mute" ? [.silence] : [.chunkedHead(), .wait(speak), .chunk("one"), .lastChunk]
        } while: { server in
            try await withClient { client in
                var request = HTTPRequest(url: server.url + "/mute", headTimeout: .milliseconds(50))
                let error = try await failure { try await client.send(request) }
                #expect(error.kind == .silent && !error.isConnectionFailure)
                request.url = server.url
                request.headTimeout = .seconds(5)
                request.silenceNotice = .milliseconds(20)
                var chunks = try await client.send(request).body.makeAsyncIterator()
                #expect(try await chunks.next() == [])
                speak.open()
                var whole: [UInt8] = []
                while let chunk = try await chunks.next() { whole += chunk }
                #expect(text(whole) == "one")
            }
        }
    }
}
