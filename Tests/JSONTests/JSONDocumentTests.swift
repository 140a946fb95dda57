import JSON
import Testing

@Suite struct JSONDocumentTests {
    private func parse(_ text: String) throws -> JSONValue { try JSONDocument(parsing: Array(text.utf8)).root }

    @Test(arguments: [
        "null", "true", " false ", "0", "-0", "12", "-1.5e+10", "1E400", "\"\"", "\"\\u0000\"", "\"\\ud800\"",
        "\"\\ud83d\\ude00\"", "[]", "[ ]", "{}", "[1,[2,{\"a\":null}]]", "{\"a\":1,\"a\":2}", "\"é\u{1F600}\u{7f}\"",
    ])
    func accepts(_ text: String) throws { _ = try parse(text) }

    @Test(arguments: [
        "", " ", "nul", "truex", "01", "1.", ".5", "-", "+1", "1e", "\"", "\"\\x\"", "\"\\u12g4\"", "\"a\nb\"", "[1,]",
        "[1 2]", "{\"a\"}", "{\"a\":}", "{a:1}", "{\"a\":1,}", "[", "{", "{} {}", "]", "NaN", "'a'",
    ])
    func refuses(_ text: String) { #expect(throws: JSONError.self) { _ = try parse(text) } }

    @Test(arguments: [
        [0x22, 0xff, 0x22], [0x22, 0xc0, 0x80, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22], [0x22, 0xe2, 0x82],
    ])
    func refusesIllFormedUTF8(_ bytes: [UInt8]) {
        #expect(throws: JSONError.self) { _ = try JSONDocument(parsing: bytes) }
    }

    @Test func namesTheOffset() {
        let error = #expect(throws: JSONError.self) { _ = try parse("[1, x]") }
        #expect(error?.description == "unexpected 'x' at byte 4")
    }

    @Test func nestingIsBounded() throws {
        let deep = String(repeating: "[", count: 201) + String(repeating: "]", count: 201)
        #expect(throws: JSONError.self) { _ = try parse(deep) }
        _ = try parse(String(deep.dropFirst().dropLast()))
    }

    @Test func readsMembersElementsAndScalars() throws {
        let value = try parse(
            #"{"name":"web\t-1","count":-9223372036854775808,"ok":true,"list":[1,"two",null],"name":"last"}"#
        )
        #expect(value["name"]?.string == "last")
        #expect(value["count"]?.int64 == .min)
        #expect(value["ok"]?.bool == true)
        #expect(value["list"]?.elements.map(\.kind) == [.number, .string, .null])
        #expect(value["nothing"] == nil)
        #expect(value.members.map(\.key.string) == ["name", "count", "ok", "list", "name"])
        #expect(try parse("9223372036854775808").int64 == nil)
        #expect(try parse("1.0").int64 == nil)
    }

    @Test func decodesEscapes() throws {
        #expect(try parse(#""a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00""#).string == "a\"\\/\u{8}\u{c}\n\r\té😀")
        #expect(try parse(#""\ud800x\udc00""#).string == "\u{fffd}x\u{fffd}")
        #expect(try parse(#""a\u0000b""#).string == "a\0b")
        #expect(try parse(#""a\u0000b\ud800""#).storableString == "a\u{fffd}b\u{fffd}")
        #expect(try !parse(#""\u0000""#).isStorableString)
        #expect(try !parse(#""\ud800\ud800\udc00""#).isStorableString)
        #expect(try parse(#""\ud83d\ude00""#).isStorableString)
    }

    @Test(arguments: [
        ("1", "1.0"), ("100", "1e2"), ("0.001", "1E-3"), ("-0", "0"), (#""\u0061""#, #""a""#),
        (#"{"a":1,"b":2}"#, #"{"b":2,"a":1}"#), (#"{"a":1,"a":2}"#, #"{"a":2}"#), (#""\ud800""#, #""\uD800""#),
    ])
    func equal(_ left: String, _ right: String) throws { #expect(try parse(left) == parse(right)) }

    @Test(arguments: [
        ("1", "2"), ("1", "\"1\""), ("9007199254740993", "9007199254740992"), (#""\ud800""#, #""\ufffd""#),
        (#""\u0000""#, "\"\""), ("[1,2]", "[2,1]"), ("{}", "[]"), ("null", "false"), (#"{"a":null}"#, "{}"),
        (#""é""#, #""e\u0301""#),
        // Exponents at the ends of 64 bits, to which the digits are added.
        ("10e9223372036854775807", "1.5e-9223372036854775808"), ("1e9223372036854775807", "2e9223372036854775807"),
    ])
    func different(_ left: String, _ right: String) throws { #expect(try parse(left) != parse(right)) }

    @Test func namesAreEqualByCodeUnits() throws {
        let text = #"{"a":0,"\u0061":1,"é":2,"e\u0301":3,"\ud800":4,"\uD800":5,"\udfff":6,"\ufffd":7,"�":8}"#
        let members = Array(try parse(text).members)
        var last: [JSONValue.Key: Int64] = [:]
        for member in members { last[member.key] = member.value.int64 }
        #expect(last.values.sorted() == [1, 2, 3, 5, 6, 8])
        #expect(members[0].key == members[1].key && members[2].key != members[3].key)
    }

    @Test func outputIsReadBack() throws {
        var output = JSONOutput(capacity: 1)
        let text = "quote \" back \\ tab \t nul \0 é 😀 \u{7f} \r\n" + String(repeating: "x", count: 500)
        output.write("[")
        output.write(string: text)
        for integer in [Int64.min, -1, 0, 7, .max] {
            output.write(",")
            output.write(integer)
        }
        output.write("]")
        let elements = Array(try JSONDocument(parsing: output.bytes).root.elements)
        #expect(elements[0].string == text)
        #expect(elements.dropFirst().map(\.int64) == [.min, -1, 0, 7, .max])
    }
}
