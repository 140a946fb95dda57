import Foundation
import Synchronization
import TestSupport
import Testing

@testable import HTTPTransfer

@Suite("Bodies stream", .timeLimit(.minutes(2)))
struct StreamingTests {
    typealias Gate = ScriptedHTTPServer.Gate

    @Test("The consumer has the first chunk before the server sends the second")
    func chunkByChunk() async throws {
        let readOne = Gate()
        let readTwo = Gate()
        try await ScriptedHTTPServer.run { _ in
            [
                .chunkedHead(), .chunk("one"), .wait(readOne), .chunk("tw"), .wait(readTwo), .chunk("o"), .chunk("!"),
                .lastChunk,
            ]
        } while: { server in
            try await withClient { client in
                var chunks = try await client.send(HTTPRequest(url: server.url)).body.makeAsyncIterator()
                #expect(text(try await chunks.next()) == "one")
                readOne.open()
                #expect(text(try await chunks.next()) == "tw")
                readTwo.open()
                var rest: [UInt8] = []
                while let chunk = try await chunks.next() { rest += chunk }
                #expect(text(rest) == "o!")
                #expect(try await chunks.next() == nil)
            }
        }
    }

    @Test("The answer is there with its headers, before any byte of the body")
    func headFirst() async throws {
        let hasHead = Gate()
        try await ScriptedHTTPServer.run { _ in
            [.chunkedHead("201 Created", ["X-One: 1", "x-one: 2"]), .wait(hasHead), .lastChunk]
        } while: { server in
            try await withClient { client in
                let response = try await client.send(HTTPRequest(url: server.url))
                #expect(response.status == 201)
                #expect(response.headers.all("X-ONE") == ["1", "2"])
                hasHead.open()
                #expect(try await response.body.text().isEmpty)
            }
        }
    }

    @Test("What nobody reads stays in the server; then all of it comes")
    func backpressure() async throws {
        // 64 MB in blocks of a prime length, so that a lost, doubled or moved piece cannot pass.
        let block = (0..<65_521).map { _ in UInt8.random(in: 0...255) }
        let blocks = 1024
        try await ScriptedHTTPServer.run { _ in
            [.text("HTTP/1.1 200 OK\r\nContent-Length: \(block.count * blocks)\r\n\r\n")]
                + Array(repeating: .send(block), count: blocks)
        } while: { server in
            try await withClient { client in
                let body = try await client.send(HTTPRequest(url: server.url)).body
                try await eventually { body.isHeldBack }
                // Half a second without progress: the server's send blocks.
                var (seen, unchanged) = (0, 0)
                while unchanged < 100 {
                    try await Task.sleep(for: .milliseconds(5))
                    let now = server.log.entries.bytesSent
                    unchanged = now == seen ? unchanged + 1 : 0
                    seen = now
                }
                #expect(seen < block.count * blocks / 2)
                #expect(body.bufferedByteCount <= 256 * 1024 + 16 * 1024)

                let doubled = block + block
                var offset = 0
                for try await chunk in body {
                    #expect(chunk.count <= 256 * 1024 + 16 * 1024)
                    #expect(Self.isEqual(chunk, doubled, block.count, at: offset), "at \(offset)")
                    offset += chunk.count
                }
                #expect(offset == block.count * blocks)
            }
        }
    }

    private static func isEqual(_ chunk: [UInt8], _ doubled: [UInt8], _ period: Int, at offset: Int) -> Bool {
        chunk.withUnsafeBytes { chunk in
            doubled.withUnsafeBytes { doubled in
                stride(from: 0, to: chunk.count, by: period).allSatisfy { start in
                    let length = min(period, chunk.count - start)
                    let there = doubled.baseAddress! + (offset + start) % period
                    return memcmp(chunk.baseAddress! + start, there, length) == 0
                }
            }
        }
    }

    @Test("Other transfers go on while one is held back")
    func heldBackAlone() async throws {
        let megabyte = [UInt8](repeating: 7, count: 1 << 20)
        try await ScriptedHTTPServer.run { request in
            request.uri == "/large" ? [.answer(body: megabyte + megabyte)] : [.answer(body: Array("small".utf8))]
        } while: { server in
            try await withClient { client in
                let large = try await client.send(HTTPRequest(url: server.url + "/large")).body
                try await eventually { large.isHeldBack }
                for _ in 1...20 {
                    #expect(try await client.send(HTTPRequest(url: server.url + "/small")).body.text() == "small")
                }
                #expect(try await large.collect(upTo: 4 << 20).count == 2 << 20)
            }
        }
    }

    @Test("gzip is asked for and decoded, or neither")
    func gzip() async throws {
        let packed = try #require(Data(base64Encoded: Self.packed)).map { $0 }
        try await ScriptedHTTPServer.run { request in
            guard request.header("Accept-Encoding") == "gzip" else { return [.answer(body: Array("plain".utf8))] }
            return [
                .chunkedHead("200 OK", ["Content-Encoding: gzip"]), .chunk(Array(packed.prefix(100))),
                .chunk(Array(packed.dropFirst(100))), .lastChunk,
            ]
        } while: { server in
            try await withClient { client in
                let unpacked = try await client.send(HTTPRequest(url: server.url, acceptsGzip: true)).body.text()
                #expect(unpacked == (0..<200).map { "event \($0): the container started\n" }.joined())
                #expect(try await client.send(HTTPRequest(url: server.url)).body.text() == "plain")
            }
        }
    }

    @Test("gzip that unpacks to a thousand times its size is held back like the rest")
    func largeGzip() async throws {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", "head -c 50000000 /dev/zero | gzip"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let packed = Array(output.fileHandleForReading.readDataToEndOfFile())
        process.waitUntilExit()
        #expect(packed.count > 10_000)
        try await ScriptedHTTPServer.run { _ in
            [.answer("200 OK", ["Content-Encoding: gzip"], body: packed)]
        } while: { server in
            try await withClient { client in
                let body = try await client.send(HTTPRequest(url: server.url, acceptsGzip: true)).body
                try await eventually { body.isHeldBack }
                #expect(body.bufferedByteCount <= 256 * 1024 + 16 * 1024)
                var count = 0
                for try await chunk in body {
                    count += chunk.count
                    #expect(chunk.count <= 256 * 1024 + 16 * 1024)
                }
                #expect(count == 50_000_000)
            }
        }
    }

    @Test("Broken gzip is an error")
    func brokenGzip() async throws {
        try await ScriptedHTTPServer.run { _ in
            [.answer("200 OK", ["Content-Encoding: gzip"], body: Array("this is no gzip at all".utf8))]
        } while: { server in
            try await withClient { client in
                let error = try await failure {
                    try await client.send(HTTPRequest(url: server.url, acceptsGzip: true)).body.collect(upTo: 1000)
                }
                #expect(error.kind == .protocol)
            }
        }
    }

    @Test("collect refuses what is larger than its limit and ends the transfer")
    func collectLimit() async throws {
        try await ScriptedHTTPServer.run { request in
            request.uri == "/endless"
                ? [.chunkedHead(), .chunk("12345"), .silence] : [.answer(body: Array("1234".utf8))]
        } while: { server in
            try await withClient { client in
                let exact = try await client.send(HTTPRequest(url: server.url + "/exact"))
                #expect(try await exact.body.collect(upTo: 4).count == 4)
                let endless = try await client.send(HTTPRequest(url: server.url + "/endless"))
                let error = try await failure {
                    try await endless.body.collect(upTo: 4)
                }
                #expect(error.kind == .bodyTooLarge)
                try await server.log.wait { $0.closed == 1 }
            }
        }
    }

    /// 200 lines, packed by gzip.
    private static let packed =
        "H4sIAAAAAAACA4XYOa4UQRRFQZ9V9BLy5pzs5gtKAqeRPiXWj4RPhf28UA/35PXnet+v8vV1/7he336974+f7+vz9fv++Lyv71+u"
        + "f+c8n+vzuT2f+/N5PJ/n83k9n/fz+YBFbHAL4AK5gC6wC/ACvYAv8Kvwq/rcwa/Cr8Kvwq/Cr8Kvwq/Cr8Gvwa/piwu/Br8Gvwa/"
        + "Br8Gvwa/Dr8Ovw6/rl8++HX4dfh1+HX4dfgN+A34DfgN+A39dcBvwG/Ab8BvwG/Cb8Jvwm/Cb8Jv6r8XfhN+E34Tfgt+C34Lfgt+"
        + "C34LfkvjBX4Lfgt+G34bfht+G34bfht+G35b6w9+G34Hfgd+B34Hfgd+B34Hfgd+R/OZ+1kDumhBF03oog1dNKKLVnTRjC7a0UVD"
        + "ukjSKSJJxghrhDnCHmGQsEiYJGqSKEpSWXWSVJdEYRKVSZQmUZtEcRLVSZQnUZ+kMZAlqUSJGiWKlKhSokyJOiUKlahUolRJ51uD"
        + "JFUrUa5EvRIFS1QsUbJEzRJFS1QtGXy2kaTCJSqXKF2idoniJaqXKF+ifokCJpMvYJJUw0QRE1VMlDFRx0QhE5VMlDJRy2TxMVGS"
        + "ypmoZ6KgiYomSpqoaaKoiaomyppsvstKUmUTpU3UNlHcRHUT5U3UN1HgRIWTwyfu/0r+BSsGSPhaGQAA"
}
