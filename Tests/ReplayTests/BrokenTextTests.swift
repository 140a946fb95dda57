import EventModel
import Testing

@testable import Replay

/// What is broken is one item, named with its place, and the reading goes on where the rule says.
@Suite struct BrokenTextTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var text: String
        /// "A" an event with that reason, "!" a rejection.
        var items: String
        /// Part of the first rejection.
        var words: String
        var testDescription: String { name }

        init(_ name: String, _ text: String, _ items: String, _ words: String) {
            (self.name, self.text, self.items, self.words) = (name, text, items, words)
        }
    }

    static let cut = String(event("X").dropLast(30))
    static let cases = [
        Case("a line cut off in a string", event("A") + "\n" + cut + "\n" + event("B"), "A!B", "ends too early"),
        Case("a line cut off behind a value", event("A") + "\n{\"a\":1\n" + event("B"), "A!B", "unexpected '{'"),
        Case("a line cut off behind a colon", event("A") + "\n{\"a\":\n" + event("B"), "A!B", "ends too early"),
        Case(
            "a line cut off behind a colon, and two more",
            event("A") + "\n{\"a\":\n" + event("B") + "\n" + event("C"),
            "A!BC",
            "unexpected '{' at byte"
        ),
        Case("a bracket too many", event("A") + "\n{\"a\":[1}]}\n" + event("B"), "A!B", "unexpected '}'"),
        Case("a bracket behind it", event("A") + "}\n" + event("B"), "A!B", "neither JSON nor YAML"),
        Case("a missing comma", event("A") + "\n{\"a\":1 \"b\":2}\n" + event("B"), "A!B", "unexpected '\"'"),
        Case("brackets fit, the rest not", event("A") + "{\"a\":tru}" + event("B"), "A!B", "of what begins at byte"),
        Case("a control character", event("A") + "\n{\"a\":\"\u{1}\"}\n" + event("B"), "A!B", "control character"),
        Case("words between lines", event("A") + "\nW1121 watch closed\nand {so} on\n" + event("B"), "A!B", "neither"),
        Case("words first", "W1121 watch closed\n" + event("A") + "\n" + event("B"), "!AB", "neither"),
        Case("words last", event("A") + "\nbye", "A!", "neither"),
        Case("the last document is cut off", event("A") + event("B") + cut, "AB!", "ends too early"),
        Case(
            "a list is cut off in an element",
            #"{"kind":"List","items":[\#(event("A")),\#(cut)"#,
            "A!",
            "ends too early; it begins at byte"
        ),
        Case("a list is cut off between elements", #"{"kind":"List","items":[\#(event("A")),"#, "A!", "ends too early"),
        Case("a list is cut off behind them", #"{"items":[\#(event("A"))],"kind":"#, "A!", "ends too early"),
        Case(
            "a list is cut off, and another follows",
            #"{"items":[\#(event("A")),\#n{"kind":"List","items":[\#(event("B"))]}"#,
            "AB!",
            "ends too early"
        ),
        Case(
            "a list is cut off behind an element, and another follows",
            #"{"items":[\#(event("A"))\#n{"kind":"List","items":[\#(event("B"))]}"#,
            "A!B",
            "ends too early"
        ),
        Case(
            "a list in lines goes on behind a broken element",
            "{\n  \"items\": [\n    \(event("A")),\n    {\"a\":[1},\n    \(event("B"))\n  ]\n}\n\(event("C"))",
            "A!BC",
            "unexpected '}'"
        ),
        Case(
            "a list in one line is lost behind a broken element",
            #"{"items":[\#(event("A")),{"a":[1},\#(event("B"))]}\#n\#(event("C"))"#,
            "A!C",
            "unexpected '}'"
        ),
        Case("an array is cut off", "[\(event("A")),\n\(event("B")),\n\(cut)", "AB!", "ends too early"),
        Case("something around a list is wrong", #"{"items":[\#(event("A"))],"a":tru}"#, "A!", "unexpected '}'"),
        Case("a raw line break in a string", event("A") + event("X\nY") + event("B"), "A!B", "control character"),
        Case(
            "a document over many lines is broken",
            "{\n  \"a\": [\n    {}\n  }\n}\n{\n  \"kind\": \"Pod\"\n}\n\(event("A"))",
            "!!A",
            "unexpected '}'"
        ),
        Case("a brace that begins no object", event("A") + "\n!\n{!\n{x\n" + event("B"), "A!B", "neither"),
    ]

    @Test(arguments: cases) func goesOn(_ test: Case) {
        let bytes = Array(test.text.utf8)
        let whole = items(bytes)
        #expect(Self.short(whole) == test.items)
        let rejection = whole.first { !$0.isEvent }
        #expect(rejection?.summary.contains(test.words) == true, "\(rejection?.summary ?? "nothing")")
        #expect(rejection?.body.isEmpty == false)
        for chunk in [1, 2, 3, 5, 17] {
            #expect(items(bytes, chunk: chunk).map(\.summary) == whole.map(\.summary), "in chunks of \(chunk)")
        }
    }

    @Test func aRejectionSaysWhereItBeginsAndHoldsIt() throws {
        let text = event("A") + "\n{\"a\":[1}\n" + event("B")
        let item = try #require(items(text.utf8).first { !$0.isEvent })
        #expect(item.index == 1)
        #expect(item.offset == event("A").utf8.count + 1)
        #expect(String(decoding: item.body, as: UTF8.self) == "{\"a\":[1}\n")
    }

    @Test func invalidUTF8CostsOneElement() {
        var text = Array(#"{"kind":"List","items":[\#(event("A")),"#.utf8)
        text += Array(event("X").utf8).map { $0 == UInt8(ascii: "X") ? 0xff : $0 }
        text += Array(",\(event("B"))]}".utf8)
        let read = items(text)
        #expect(Self.short(read) == "A!B")
        #expect(read[1].summary.contains("invalid UTF-8 at byte"))
    }

    @Test func aPictureIsOneItem() {
        var random = SystemRandomNumberGenerator()
        var picture: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13] + Array("IHDR".utf8)
        picture += (0..<10_000).map { _ in UInt8.random(in: 0x80...0xff, using: &random) }
        let read = items(picture)
        #expect(read.count == 1)
        #expect(read.first?.summary.hasPrefix("0 !neither JSON nor YAML") == true)
    }

    /// Random bytes, cuts and mixtures: no crash, and the same whatever the chunks are.
    @Test func damagedTextsReadTheSameInAllChunks() {
        var random = SeededGenerator(state: 42)
        let alphabet = Array("{}[]\",:\\\n {\"a\n{\"\n  {\"".utf8)
        let lines = "{\n  \"items\": [\n    \(event("A")),\n    \(event("B"))\n  ]\n}\n\(event("C"))\n\(event("D"))\n"
        for _ in 0..<2000 {
            var text = Array(lines.utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<text.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: text[place] = alphabet.randomElement(using: &random) ?? 0
                case 1: text.removeSubrange(place..<min(text.count, place + Int.random(in: 1...40, using: &random)))
                default: text.insert(alphabet.randomElement(using: &random) ?? 0, at: place)
                }
                if text.isEmpty { text = [0x20] }
            }
            let whole = items(text).map(\.summary)
            for chunk in [1, 7] {
                let parts = items(text, chunk: chunk).map(\.summary)
                #expect(parts == whole, "\(String(decoding: text, as: UTF8.self))")
            }
        }
    }

    static func short(_ items: [ReplayItem]) -> String {
        items.map { item in
            item.isEvent ? String(item.summary.split(separator: " ").last ?? "") : "!"
        }.joined()
    }
}

struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 33)
    }
}
