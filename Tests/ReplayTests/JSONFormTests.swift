import Testing

@testable import Replay

/// What the documents of a JSON text become, whole and cut at every place.
@Suite struct JSONFormTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var text: String
        var items: [String]
        var testDescription: String { name }

        init(_ name: String, _ text: String, _ items: [String]) {
            (self.name, self.text, self.items) = (name, text, items)
        }
    }

    static let cases = [
        Case("nothing", "", []),
        Case("white space", " \r\n\t ", []),
        Case("one event", event("A"), ["0 A"]),
        Case("events without a line between", event("A") + event("B"), ["0 A", "1 B"]),
        Case("lines", event("A") + "\n" + event("B") + "\n", ["0 A", "1 B"]),
        Case("CRLF", event("A") + "\r\n\r\n" + event("B") + "\r\n", ["0 A", "1 B"]),
        Case("an array", "[\(event("A")), \(event("B"))]", ["0 A", "1 B"]),
        Case("an array of lines", "[\n\(event("A")),\n\(event("B"))\n]", ["0 A", "1 B"]),
        Case("arrays and events", "[\(event("A"))]\(event("B"))[][\(event("C"))]", ["0 A", "1 B", "2 C"]),
        Case(
            "an EventList, whose items need not say what they are",
            #"{"kind":"EventList","items":[\#(bareEvent("A")),\#(bareEvent("B"))]}"#,
            ["0 A", "1 B"]
        ),
        Case(
            "an EventList that says so behind its items",
            #"{"items":[\#(bareEvent("A")),\#(event("B"))],"kind":"EventList"}"#,
            ["1 B", "0 A"]
        ),
        Case(
            "a List that says so behind its items",
            #"{"apiVersion":"v1","items":[\#(event("A"))],"kind":"List","metadata":{"resourceVersion":""}}"#,
            ["0 A"]
        ),
        Case(
            "a List with others in it",
            #"{"kind":"List","items":[\#(event("A")),{"kind":"Pod"},\#(bareEvent("B")),1,"x",null,[2],true]}"#,
            [
                "0 A", "1 !Pod is not a Kubernetes Event",
                "2 !not a Kubernetes Event: neither kind, involvedObject nor regarding",
                "3 !not a Kubernetes Event: not an object", "4 !not a Kubernetes Event: not an object",
                "5 !not a Kubernetes Event: not an object", "6 !not a Kubernetes Event: not an object",
                "7 !not a Kubernetes Event: not an object",
            ]
        ),
        Case(
            "a PodList is one thing",
            #"{"kind":"PodList","items":[{"kind":"Pod"},{}]}"#,
            ["0 !PodList is not a Kubernetes Event"]
        ),
        Case("null and empty items", #"{"kind":"List","items":null}{"items":[]}{"kind":"EventList"}"#, []),
        Case(
            "items that are none",
            #"{"kind":"EventList","items":{"a":\#(event("A"))}}"#,
            ["0 !a list whose items are no list is not a Kubernetes Event"]
        ),
        Case(
            "capitalised",
            #"{"Items":[{"InvolvedObject":{},"Reason":"A","creationTimestamp":"2026-01-02T03:04:05Z"}]}"#,
            ["0 A"]
        ),
        Case(
            "escaped names",
            #"{"k\u0069nd":"\u0045ventList","\u0069tems":[\#(bareEvent("A"))]}"#,
            ["0 A"]
        ),
        Case(
            "an event with items is an event",
            event("A", more: #","involvedObject":{},"items":[1,{"a":[2]}]"#),
            ["0 A"]
        ),
        Case(
            "a name in a deeper place means nothing",
            #"{"metadata":{"kind":"PodList","items":[1]},"spec":[{"kind":"x"}],"items":[\#(event("A"))]}"#,
            ["0 A"]
        ),
        Case(
            "a watch",
            #"{"type":"ADDED","object":\#(event("A"))}\#n"# + #"{"type":"DELETED","object":\#(event("B"))}\#n"#
                + #"{"type":"BOOKMARK","object":{"kind":"Event"}}{"type":"ERROR","object":{"kind":"Status"}}\#n"#
                + #"{"type":"MODIFIED","object":\#(event("C"))}"#,
            ["0 A", "1 C"]
        ),
        Case(
            "brackets and quotes in strings",
            event(#"}]\"{[\\"#) + event(#"\\\\"#),
            [#"0 }]"{[\"#, #"1 \\"#]
        ),
        Case("byte order marks between", "\u{feff}\(event("A"))\u{feff}\n\(event("B"))", ["0 A", "1 B"]),
    ]

    @Test(arguments: cases) func read(_ test: Case) {
        #expect(ReplayTests.read(test.text) == test.items)
        for chunk in [1, 2, 3, 7, 16, 61] {
            #expect(ReplayTests.read(test.text, chunk: chunk) == test.items, "in chunks of \(chunk)")
        }
    }

    @Test(arguments: cases) func cutInTwoAnywhere(_ test: Case) {
        let bytes = Array(test.text.utf8)
        for cut in bytes.indices {
            var reader = ContentReader(path: "file", limits: ReplayLimits())
            var summaries: [String] = []
            for part in [bytes[..<cut], bytes[cut...]] {
                part.withUnsafeBufferPointer { part in reader.read(part) { summaries.append($0.summary) } }
            }
            reader.finish { summaries.append($0.summary) }
            #expect(summaries == test.items, "cut at \(cut)")
        }
    }
}
