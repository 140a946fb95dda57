import CZlib
import Testing

@testable import Formats

@Suite("Compressing to gzip")
struct GzipDeflaterTests {
    private let lines = (0..<2_000).map { "line \($0 * 7919 % 1_000) of an event that is much like the others\n" }

    private func compress(_ text: String, _ deflater: GzipDeflater, _ flush: GzipDeflater.Flush) -> [UInt8] {
        var output: [UInt8] = []
        Array(text.utf8).withUnsafeBytes { deflater.deflate($0, flush) { output += $0 } }
        return output
    }

    /// What can be read of it, and whether it is complete.
    private func inflate(_ bytes: [UInt8]) -> (text: String, isComplete: Bool) {
        var stream = z_stream()
        inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        defer { inflateEnd(&stream) }
        var output = [UInt8](repeating: 0, count: 1 << 20)
        var input = bytes
        let result = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                return CZlib.inflate(&stream, Z_NO_FLUSH)
            }
        }
        return (String(decoding: output.prefix(Int(stream.total_out)), as: UTF8.self), result == Z_STREAM_END)
    }

    @Test(arguments: [GzipDeflater.Size.full, .small])
    func whatComesOutIsWhatWentIn(size: GzipDeflater.Size) throws {
        let deflater = try #require(GzipDeflater(size))
        let text = lines.joined()
        let bytes = compress(text, deflater, .finish)
        #expect(bytes.count < text.utf8.count / 5)
        #expect(inflate(bytes) == (text, true))
    }

    @Test func whatIsFlushedCanBeReadAtOnce() throws {
        let deflater = try #require(GzipDeflater(.small))
        var bytes: [UInt8] = []
        var text = ""
        for line in lines.prefix(50) {
            bytes += compress(line, deflater, .now)
            text += line
            #expect(inflate(bytes) == (text, false))
        }
        bytes += compress("", deflater, .finish)
        #expect(inflate(bytes) == (text, true))
    }

    @Test func nothingIsAWholeStreamToo() throws {
        let bytes = compress("", try #require(GzipDeflater(.full)), .finish)
        #expect(inflate(bytes) == ("", true))
    }
}
