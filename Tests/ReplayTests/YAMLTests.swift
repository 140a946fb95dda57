import EventModel
import JSON
import Testing

@testable import Replay

/// YAML as Kubernetes reads it.
@Suite struct YAMLTests {
    private func json(_ yaml: String) -> String {
        let (json, failure) = YAMLConversion.json(of: Array(yaml.utf8), limits: ReplayLimits())
        return failure.map { "!\($0.words)" } ?? String(decoding: json, as: UTF8.self)
    }

    private static let time = "metadata: {creationTimestamp: 2026-01-02T03:04:05Z}"
    private func event(_ reason: String) -> String { "kind: Event\nreason: \(reason)\n\(Self.time)\n" }

    @Test func documents() {
        #expect(read(event("A")) == ["0 A"])
        #expect(read("---\n" + event("A") + "---\n" + event("B") + "...\n---\n") == ["0 A", "1 B"])
        #expect(read("%YAML 1.1\n---\n# c\n" + event("A") + "--- # d\n" + event("B")) == ["0 A", "1 B"])
        #expect(read("# nothing\n").isEmpty)
        #expect(read("--- null\n--- ~\n---\n").isEmpty)
        #expect(read("---\r\n" + event("A").replacing("\n", with: "\r\n") + "---\r\n") == ["0 A"])
    }

    @Test func lists() {
        let item = "- kind: Event\n  reason: A\n  \(Self.time)\n"
        #expect(read("apiVersion: v1\nitems:\n\(item)\(item)kind: List\n") == ["0 A", "1 A"])
        let bare = item.replacing("kind: Event", with: "x: 1")
        #expect(read("apiVersion: v1\nitems:\n\(bare)\(bare)kind: EventList\n") == ["0 A", "1 A"])
        #expect(read(item + item) == ["0 A", "1 A"])
        #expect(read("kind: List\nitems: []\n").isEmpty)
        #expect(read("kind: EventList\nitems:\n").isEmpty)
    }

    @Test func inAllChunks() {
        let text = "---\n" + event("A") + "---\n" + event("|\n  a\n  --- b\n  c") + "...\n" + event("C") + "--- 5"
        let whole = read(text)
        #expect(whole.count == 4)
        #expect(whole[1] == "1 a\n--- b\nc\n")
        for chunk in 1...40 { #expect(read(text, chunk: chunk) == whole, "in chunks of \(chunk)") }
    }

    @Test func flowThatIsNoJSON() {
        #expect(read("{kind: Event, reason: A, \(Self.time)}") == ["0 A"])
        #expect(read("[{kind: Event, reason: A, \(Self.time)}]\n---\n{kind: Pod}").count == 2)
        #expect(read(event("A") + "---\n" + ReplayTests.event("B") + "\n") == ["0 A", "1 B"])
        // Not YAML either, so that JSON's rules hold: one bad line.
        #expect(BrokenTextTests.short(items(("{oops\n" + ReplayTests.event("A")).utf8)) == "!A")
        #expect(read("---\n" + ReplayTests.event("A") + "\n---\n" + ReplayTests.event("B")) == ["0 A", "1 B"])
    }

    @Test func aBadDocumentIsNamedAndTheOthersAreKept() {
        let read = items(("---\n" + event("A") + "---\na: [\n---\n" + event("B")).utf8)
        #expect(BrokenTextTests.short(read) == "A!B")
        #expect(read[1].summary.contains("neither JSON nor YAML: "))
        #expect(read[1].summary.contains("line 3 of what begins at byte"))
    }

    @Test func theItemsBeforeAMistakeAreKept() {
        let item = "- kind: Event\n  reason: A\n  \(Self.time)\n"
        #expect(BrokenTextTests.short(items("items:\n\(item)\(item)- x: \"\n".utf8)) == "AA!")
    }

    @Test(arguments: [
        ("a", "\"a\""), ("'1'", "\"1\""), ("\"yes\"", "\"yes\""), ("yes", "true"), ("Off", "false"), ("y", "true"),
        ("n", "false"), ("TRUE", "true"), ("tRue", "\"tRue\""), ("~", "null"), ("", "null"), ("Null", "null"),
        ("0", "0"), ("-0", "-0"), ("12345678901234567890123", "12345678901234567890123"), ("1.50", "1.50"),
        ("1e3", "1e3"), ("+5", "5"), (".5", "0.5"), ("5.", "5"), ("-.5e-3", "-0.5e-3"), ("0x1F", "31"),
        ("-0x10", "-16"),
        ("017", "15"), ("0o17", "15"), ("08", "8"), ("0b101", "5"), ("1_000", "1000"), ("0x", "\"0x\""),
        ("1:30", "\"1:30\""), ("1.2.3", "\"1.2.3\""), (".", "\".\""), (".inf", "\".inf\""),
        ("-.INF", "\"-.INF\""), (".nan", "\".nan\""), ("2026-01-02T03:04:05Z", "\"2026-01-02T03:04:05Z\""),
        ("2026-01-02", "\"2026-01-02\""), ("!!str 5", "\"5\""), ("!!int '5'", "5"), ("!x 5", "\"5\""),
        ("!!binary aGk=", "\"aGk=\""), ("<<", "\"<<\""), ("1e", "\"1e\""), ("0x-1", "\"0x-1\""),
        ("|\n  a\n   b\n\n  c", "\"a\\n b\\n\\nc\\n\""), (">-\n  a\n  b\n\n  c", "\"a b\\nc\""),
        ("\"a\\\n  b\\tc\\u0000\\u00e9\\U0001F600\"", "\"ab\\tc\\u0000é😀\""), ("'it''s'", "\"it's\""),
        ("a\n  b", "\"a b\""), ("a #b", "\"a\""), ("a#b", "\"a#b\""), ("[1, a: b, {c}]", #"[1,{"a":"b"},{"c":null}]"#),
    ])
    func values(yaml: String, expected: String) {
        let text = json("x: \(yaml)\n")
        #expect(text == "{\"x\":\(expected)}")
        #expect(throws: Never.self) { try JSONDocument(parsing: Array(text.utf8)) }
    }

    @Test(arguments: [
        ("1: a", #"{"1":"a"}"#), ("yes: a", #"{"yes":"a"}"#), ("? a\n: b", #"{"a":"b"}"#),
        ("null: a", #"{"null":"a"}"#),
        ("a: 1\na: 2", #"{"a":1,"a":2}"#), ("x: &k a\ny: {*k : 1}", #"{"x":"a","y":{"a":1}}"#),
        ("x: &k 5\ny: {*k : 1}", #"{"x":5,"y":{"5":1}}"#), ("[a]: 1", "!a key that is neither a string nor a number"),
        ("x: &a {b: 1}\ny: *a", #"{"x":{"b":1},"y":{"b":1}}"#), ("- &a 1\n- *a\n- &a 2\n- *a", "[1,1,2,2]"),
        ("x: *a", "!an alias without an anchor before it: *a"),
        ("&a [*a]", "!an alias without an anchor before it: *a"),
        ("x: &a {b: 1, c: 2}\ny:\n  c: 3\n  <<: *a", #"{"x":{"b":1,"c":2},"y":{"b":1,"c":2,"c":3}}"#),
        ("y: {<<: [{b: 1}, {b: 2, c: 3}]}", #"{"y":{"b":2,"c":3,"b":1}}"#), ("y: {<<: {}, a: 1}", #"{"y":{"a":1}}"#),
        ("y: {<<: {a: 1}}", #"{"y":{"a":1}}"#), ("y: {'<<': 1}", #"{"y":{"<<":1}}"#),
        ("y: {<<: 1}", "!<< with something that is no mapping"),
    ])
    func mappings(yaml: String, expected: String) {
        #expect(json(yaml) == expected)
    }

    @Test func noObjectIsNoEvent() {
        #expect(read("hello world") == ["0 !not a Kubernetes Event: not an object"])
        #expect(read("--- 5\n--- [a]\n").count == 2)
    }
}
