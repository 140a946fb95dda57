import Testing

@testable import Replay

/// What is too long is rejected, read past, and costs nothing else.
@Suite struct BoundTests {
    private var small: ReplayLimits {
        var limits = ReplayLimits()
        limits.document = 2000
        limits.yamlDocument = 2000
        limits.excerpt = 100
        limits.undecided = 300
        limits.aliases = 5000
        return limits
    }

    private let long = event("X", more: #","message":"\#(String(repeating: "x", count: 5000))""#)

    @Test(arguments: [1, 64, 1000, Int.max]) func aDocument(chunk: Int) {
        let read = items((event("A") + long + event("B")).utf8, chunk: chunk, limits: small)
        #expect(BrokenTextTests.short(read) == "A!B")
        #expect(read[1].summary.contains("longer than 2000 bytes; it begins at byte \(event("A").utf8.count)"))
        #expect(read[1].body == Array(long.utf8.prefix(100)))
    }

    @Test(arguments: [1, 64, 1000, Int.max]) func anElement(chunk: Int) {
        let text = #"{"items":[\#(event("A")),\#(long),\#(event("B"))]}\#(event("C"))"#
        #expect(BrokenTextTests.short(items(text.utf8, chunk: chunk, limits: small)) == "A!BC")
    }

    @Test func aStringThatNeverEnds() {
        let text = event("A") + "\n{\"a\":\"" + String(repeating: "x", count: 10_000) + "\n" + event("B")
        #expect(BrokenTextTests.short(items(text.utf8, chunk: 100, limits: small)) == "A!B")
    }

    @Test func aYAMLDocument() {
        let text = "---\nkind: Pod\n---\nx: |\n" + String(repeating: "  yyyy\n", count: 1000) + "---\nkind: Pod\n"
        for chunk in [1, 100, Int.max] {
            let read = ReplayTests.read(text, chunk: chunk, limits: small)
            #expect(read.count == 3)
            #expect(read[1].contains("longer than 2000 bytes, without a --- line; it begins at byte 14"))
        }
    }

    @Test func elementsThatWaitForTheirKind() {
        let text = #"{"items":[\#(bareEvent("A")),\#(bareEvent("B")),\#(bareEvent("C"))],"kind":"EventList"}"#
        // Two fit; the third is judged at once.
        var limits = small
        limits.undecided = bareEvent("A").utf8.count * 2
        #expect(BrokenTextTests.short(items(text.utf8, limits: limits)) == "!AB")
    }

    @Test func deepNesting() {
        let deep = String(repeating: "{\"a\":", count: 5000)
        #expect(BrokenTextTests.short(items((event("A") + "\n" + deep + "\n" + event("B")).utf8)) == "A!B")
        let closed = String(repeating: "[", count: 500) + String(repeating: "]", count: 500)
        #expect(BrokenTextTests.short(items((event("A", more: ",\"x\":\(closed)") + event("B")).utf8)) == "!B")
        #expect(BrokenTextTests.short(items(("a: " + String(repeating: "[", count: 100_000)).utf8)) == "!")
        #expect(BrokenTextTests.short(items(String(repeating: "- ", count: 100_000).utf8)) == "!")
    }

    @Test func nestedAliasesStandForBillions() {
        var text = "a0: &a0 [lol]\n"
        for level in 1..<30 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1), *a\(level - 1)]\n" }
        let read = ReplayTests.read(text + "---\nkind: Pod\n", limits: small)
        #expect(read.count == 2)
        #expect(read[0].contains("anchors and aliases of more than 5000 bytes"))
        #expect(read[1] == "1 !Pod is not a Kubernetes Event")
    }

    @Test func aMessageOf200kB() {
        let message = String(repeating: "é\\u0000\\\"", count: 200_000 / 9)
        let text = event("A", more: #","message":"\#(message)""#) + event("B")
        #expect(read(text, chunk: 4096) == ["0 A", "1 B"])
    }
}
