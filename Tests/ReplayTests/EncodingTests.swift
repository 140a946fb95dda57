import EventModel
import Foundation
import JSON
import Testing

@testable import Replay

/// UTF-8 and UTF-16, with and without a byte order mark.
@Suite struct EncodingTests {
    static let encodings: [String.Encoding] = [.utf8, .utf16LittleEndian, .utf16BigEndian]

    @Test(arguments: encodings, [true, false]) func json(encoding: String.Encoding, marked: Bool) throws {
        let text = event("Ä€😀") + "\r\n" + event("B")
        let bytes = Array(try #require(((marked ? "\u{feff}" : "") + text).data(using: encoding)))
        for chunk in [1, 2, 3, 5, 64, Int.max] {
            #expect(read(bytes, chunk: chunk) == ["0 Ä€😀", "1 B"], "in chunks of \(chunk)")
        }
    }

    @Test(arguments: encodings, [true, false]) func yaml(encoding: String.Encoding, marked: Bool) throws {
        let text = "kind: Event\r\nreason: Ä€😀\r\nmetadata: {creationTimestamp: 2026-01-02T03:04:05Z}\r\n"
        let bytes = Array(try #require(((marked ? "\u{feff}" : "") + text).data(using: encoding)))
        for chunk in [1, 3, Int.max] {
            #expect(read(bytes, chunk: chunk) == ["0 Ä€😀"], "in chunks of \(chunk)")
        }
    }

    private func utf16(_ units: [UInt16]) -> [UInt8] { units.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] } }

    /// Surrogates without their other half in UTF-16, as a string that JSON writes with escapes.
    @Test func loneSurrogatesAreKept() throws {
        let parts = event("|").utf16.split(separator: 0x7c, omittingEmptySubsequences: false)
        let odd: [UInt16] = [0xd83d, 0x61, 0xde00, 0xd83d, 0xd83d, 0xde00]
        let read = items(utf16(Array(parts[0]) + odd + Array(parts[1])), chunk: 3)
        let reason = try #require(try read.first?.event.get().reason)
        #expect(String(decoding: reason.rawBytes, as: UTF8.self) == "\\ud83da\\ude00\\ud83d😀")
    }

    @Test func inYAMLTheyAreReplaced() throws {
        let text = "kind: Event\nmetadata: {creationTimestamp: 2026-01-02T03:04:05Z}\nreason: a"
        #expect(read(utf16(Array(text.utf16) + [0xd83d]), chunk: 2) == ["0 a\u{fffd}"])
    }

    @Test func anOddLastByteIsRejected() {
        #expect(BrokenTextTests.short(items(utf16(Array(event("A").utf16)) + [0x41])) == "A!")
    }

    @Test func tooShortToSay() {
        for text in ["", "\n", "{", "{}", "ab", "\u{feff}"] {
            _ = items(text.utf8, chunk: 1)
        }
        #expect(read("\u{feff}").isEmpty)
        #expect(read([0xff, 0xfe]).isEmpty)
        #expect(read("{").first?.contains("ends too early") == true)
    }
}
