import Testing

@testable import EventRoutes

@Suite("Percent decoding")
struct PercentDecodingTests {
    @Test(
        arguments: [
            ("web", "web"), ("", ""), ("a%20b", "a b"), ("a%2Fb", "a/b"), ("%c3%BC", "ü"), ("ü", "ü"),
            ("%F0%9F%98%80", "😀"), ("100%25", "100%"), ("a+b", "a b"), ("a%2Bb", "a+b"), ("%EF%BF%BD", "\u{fffd}"),
        ]
    )
    func decodes(text: String, expected: String) throws {
        #expect(try PercentDecoding.decode(Substring(text).utf8, plusIsSpace: true) == expected)
    }

    @Test func keepsThePlusInAPath() throws {
        #expect(try PercentDecoding.decode("a+b%2B", plusIsSpace: false) == "a+b+")
    }

    @Test(
        arguments: [
            ("%", PercentDecoding.Failure.badEscape), ("a%2", .badEscape), ("%zz", .badEscape), ("%2 0", .badEscape),
            ("%ff", .notUTF8), ("%c3", .notUTF8), ("%ED%A0%80", .notUTF8), ("%C0%AF", .notUTF8),
            ("a%00b", .nul), ("a\u{0}b", .nul),
            // What the server put in place of bytes that were no UTF-8.
            ("a\u{fffd}b", .notUTF8),
        ]
    )
    func refuses(text: String, failure: PercentDecoding.Failure) {
        #expect(throws: failure) { try PercentDecoding.decode(Substring(text).utf8, plusIsSpace: true) }
    }
}

extension PercentDecoding {
    fileprivate static func decode(_ text: Substring, plusIsSpace: Bool) throws -> String {
        try decode(text.utf8, plusIsSpace: plusIsSpace)
    }
}
