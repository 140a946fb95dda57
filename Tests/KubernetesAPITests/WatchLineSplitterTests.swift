import Testing

@testable import KubernetesAPI

@Suite struct WatchLineSplitterTests {
    private func lines(_ chunks: [String], limit: Int = 100) -> [WatchLineSplitter.Line] {
        var splitter = WatchLineSplitter(limit: limit)
        var lines: [WatchLineSplitter.Line] = []
        for chunk in chunks {
            splitter.append(Array(chunk.utf8))
            while let line = splitter.next() { lines.append(line) }
        }
        if let last = splitter.finish() { lines.append(last) }
        return lines
    }

    private func complete(_ texts: String...) -> [WatchLineSplitter.Line] {
        texts.map { .complete(Array($0.utf8)) }
    }

    @Test func aLineThatComesInPiecesIsOneLine() {
        #expect(lines(["{\"a", "\":", "1}\n{\"b\"", ":2}\n"]) == complete("{\"a\":1}", "{\"b\":2}"))
    }

    @Test func aChunkOfSeveralLinesIsSeveralLines() {
        #expect(lines(["one\ntwo\nthr", "ee\n"]) == complete("one", "two", "three"))
    }

    @Test func emptyLinesArePassedOver() {
        #expect(lines(["\n\none\n\r\n", "\n", "two\n"]) == complete("one", "two"))
    }

    @Test func aLastLineWithoutItsEndIsHandedOutAtTheEnd() {
        #expect(lines(["one\ntw", "o"]) == complete("one", "two"))
    }

    @Test(arguments: [1, 3, 7, 64, 10_000]) func aLineBeyondTheLimitIsReportedAndTheNextIsRead(chunkSize: Int) {
        let long = String(repeating: "x", count: 5000)
        let text = Array("before\n\(long)\nafter\n".utf8)
        var splitter = WatchLineSplitter(limit: 100)
        var lines: [WatchLineSplitter.Line] = []
        for start in stride(from: 0, to: text.count, by: chunkSize) {
            splitter.append(Array(text[start..<min(start + chunkSize, text.count)]))
            while let line = splitter.next() { lines.append(line) }
        }
        #expect(lines.count == 3)
        #expect(lines.first == complete("before").first)
        #expect(lines.last == complete("after").first)
        guard case .oversized(let prefix, let length) = lines[1] else {
            Issue.record("the long line was not reported: \(lines[1])")
            return
        }
        #expect(length == 5000)
        #expect(prefix.count <= WatchLineSplitter.keptPrefix)
        #expect(prefix.allSatisfy { $0 == UInt8(ascii: "x") })
    }

    @Test func aLineOfExactlyTheLimitIsKept() {
        let line = String(repeating: "y", count: 100)
        #expect(lines([line, "\n"]) == complete(line))
        guard case .oversized(_, let length)? = lines([line, "z\n"]).first else {
            Issue.record("a line of one byte more was kept")
            return
        }
        #expect(length == 101)
    }
}
