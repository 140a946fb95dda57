import FuzzEngine
import TestSupport
import Testing

/// A short run of what `make fuzz` does at length.
@Suite("Damaged documents") struct FuzzTests {
    /// Without optimisation one takes 10 ms, with it 0.4 ms.
    #if DEBUG
        private static let documents = 2000
    #else
        private static let documents = 20_000
    #endif

    private func corpus() throws -> Corpus {
        let answers = ["list-page1-limit2", "list-page2-limit2", "http-410-continue-expired", "http-403-watch"]
        let bodies = try answers.map { Recordings.body(of: try Recordings.answer($0)) }
        return try #require(Corpus(recordings: try Recordings.watches.map(Recordings.watchBody) + bodies))
    }

    @Test func breakNoInvariant() throws {
        let run = FuzzRun(seed: 20_260_101, corpus: try corpus())
        var counts = FuzzCounts()
        for number in 0..<UInt64(Self.documents) {
            do {
                try run.run(number, &counts)
            } catch {
                Issue.record("document \(number): \(error): \(String(decoding: run.document(number), as: UTF8.self))")
                return
            }
        }
        // They are damaged, but not so much that nothing behind the parser is reached.
        #expect(counts.documents == Self.documents)
        #expect(counts.accepted > Self.documents / 5)
        #expect(counts.rejected > Self.documents / 10)
        #expect(counts.frames > Self.documents)
    }

    @Test func areTheSameForTheSameSeed() throws {
        let corpus = try corpus()
        let (run, again) = (FuzzRun(seed: 7, corpus: corpus), FuzzRun(seed: 7, corpus: corpus))
        let other = FuzzRun(seed: 8, corpus: corpus)
        for number in 0..<UInt64(20) { #expect(run.document(number) == again.document(number)) }
        #expect((0..<UInt64(20)).contains { run.document($0) != other.document($0) })
    }
}
