import Testing

@testable import HTTPTransfer

@Suite("The head of an answer, line by line")
struct ResponseHeadTests {
    private static func parse(
        _ lines: [String],
        limit: Int = 10_000
    ) -> (steps: [ResponseHeadParser.Step], head: ResponseHead) {
        var parser = ResponseHeadParser(limit: limit)
        let steps = lines.map { line in Array((line + "\r\n").utf8).withUnsafeBytes { parser.take($0) } }
        return (steps, parser.head)
    }

    @Test("Status and fields, in order, in any letter case")
    func plain() {
        let (steps, head) = Self.parse(["HTTP/1.1 200 OK", "A: 1", "b:2 ", "a:", "Colons: a:b", ""])
        #expect(steps == [.more, .more, .more, .more, .more, .complete])
        #expect(head.status == 200)
        #expect(head.headers.all("A") == ["1", ""])
        #expect(head.headers.first("B") == "2")
        #expect(head.headers["colons"] == "a:b")
        #expect(head.headers.first("C") == nil)
    }

    @Test("A status without words, and one of HTTP/1.0", arguments: ["HTTP/1.1 503", "HTTP/1.0 503 Busy now"])
    func statusLines(_ line: String) {
        let (steps, head) = Self.parse([line, ""])
        #expect(steps == [.more, .complete])
        #expect(head.status == 503)
    }

    @Test("1xx and trailers are passed over")
    func provisional() {
        let (steps, head) = Self.parse([
            "HTTP/1.1 100 Continue", "A: 1", "", "HTTP/1.1 204 None", "B: 2", "", "C: 3", "",
        ])
        #expect(steps == [.more, .more, .more, .more, .more, .complete, .more, .more])
        #expect(head.status == 204)
        #expect(head.headers.fields.map(\.name) == ["B"])
    }

    @Test("A folded line goes on with the one before")
    func folded() {
        let (_, head) = Self.parse(["HTTP/1.1 200 OK", " lost", "A: 1", "\t2", "no colon", ""])
        #expect(head.headers.all("A") == ["1 2"])
        #expect(head.headers.fields.count == 1)
    }

    @Test(
        "What is no status",
        arguments: ["", "HTTP/1.1", "HTTP/1.1 20 OK", "HTTP/1.1 x00 OK", "HTTP/1.1 -10", "A: 1"]
    )
    func malformed(_ line: String) {
        #expect(Self.parse([line]).steps == [.malformed])
    }

    @Test("The bound counts every byte, line breaks and trailers too")
    func bound() {
        let lines = ["HTTP/1.1 200 OK", "A: 1", "", "B: 2"]
        #expect(Self.parse(lines, limit: 31).steps == [.more, .more, .complete, .more])
        #expect(Self.parse(lines, limit: 30).steps == [.more, .more, .complete, .tooLarge])
        #expect(Self.parse(lines, limit: 16).steps.first == .tooLarge)
    }
}
