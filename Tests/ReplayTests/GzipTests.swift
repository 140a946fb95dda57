import CZlib
import Testing

@testable import Replay

/// Compressed files, whole, in several members, and damaged.
@Suite struct GzipTests {
    /// One member, made by zlib.
    static func gzip(_ text: some Sequence<UInt8>) throws -> [UInt8] {
        var input = Array(text)
        var stream = z_stream()
        try #require(
            deflateInit2_(
                &stream,
                6,
                Z_DEFLATED,
                15 + 16,
                8,
                Z_DEFAULT_STRATEGY,
                ZLIB_VERSION,
                Int32(MemoryLayout<z_stream>.size)
            ) == Z_OK
        )
        defer { deflateEnd(&stream) }
        var output = [UInt8](repeating: 0, count: input.count + 1000)
        let count = output.count
        let left = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                #expect(deflate(&stream, Z_FINISH) == Z_STREAM_END)
                return Int(stream.avail_out)
            }
        }
        return Array(output.prefix(count - left))
    }

    private static let chunks = [1, 2, 3, 7, 64, Int.max]
    private static let events = (0..<3000).map { event("R\($0)") }
    private static let text = events.joined(separator: "\n")

    @Test(arguments: chunks) func oneMember(chunk: Int) throws {
        let text = chunk == 1 ? Self.events.prefix(50).joined() : Self.text
        let (items, failure) = content(try Self.gzip(text.utf8), chunk: chunk)
        #expect(failure == nil)
        #expect(items.count == (chunk == 1 ? 50 : 3000))
        #expect(items.allSatisfy { $0.isEvent })
    }

    @Test(arguments: chunks) func severalMembersAndPadding(chunk: Int) throws {
        let file =
            try Self.gzip(event("A").utf8.dropLast(20)) + Self.gzip([])
            + Self.gzip(event("A").utf8.suffix(20)) + [0, 0, 0] + Self.gzip(event("B").utf8)
            + [UInt8](repeating: 0, count: 512)
        let (items, failure) = content(file, chunk: chunk)
        #expect(items.map(\.summary) == ["0 A", "1 B"])
        #expect(failure == nil)
    }

    @Test func utf16Inside() throws {
        let text = event("A").utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }
        #expect(read(try Self.gzip(text)) == ["0 A"])
    }

    @Test(arguments: chunks) func cutOff(chunk: Int) throws {
        let whole = try Self.gzip(Self.text.utf8)
        let (items, failure) = content(whole.prefix(whole.count / 2), chunk: chunk)
        #expect(failure == .truncatedGzip(path: "file", offset: whole.count / 2))
        let events = items.filter(\.isEvent)
        #expect(events.count > 500)
        // What was cut off is named, unless the cut fell between two.
        #expect(items.count - events.count <= 1)
        #expect(items.prefix(events.count).allSatisfy { $0.isEvent })
        #expect(content(whole.prefix(5)).failure == .truncatedGzip(path: "file", offset: 5))
    }

    @Test(arguments: chunks) func damaged(chunk: Int) throws {
        var file = try Self.gzip(Self.text.utf8)
        for place in (file.count / 2)..<(file.count / 2 + 50) { file[place] = 0xff }
        let (items, failure) = content(file, chunk: chunk)
        #expect(items.filter { $0.isEvent }.count > 500)
        guard case .damagedGzip("file", let offset, let reason) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(offset > 0 && !reason.isEmpty)
    }

    @Test(arguments: chunks) func aWrongChecksum(chunk: Int) throws {
        var file = try Self.gzip(event("A").utf8)
        file[file.count - 6] ^= 1
        let (items, failure) = content(file, chunk: chunk)
        #expect(items.map(\.summary) == ["0 A"])
        #expect(failure?.description.contains("incorrect data check") == true)
    }

    @Test(arguments: chunks) func somethingElseBehind(chunk: Int) throws {
        let file = try Self.gzip(event("A").utf8)
        let (items, failure) = content(file + Array("hello".utf8), chunk: chunk)
        #expect(failure == nil)
        #expect(items.map(\.summary) == ["0 A", "1 !no gzip, behind a gzip stream, at byte \(file.count) of the file"])
        #expect(items[1].body == Array("hello".utf8))
    }
}
