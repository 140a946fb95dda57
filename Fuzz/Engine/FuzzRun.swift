/// Documents by the number, each read in all ways.
public struct FuzzRun: Sendable {
    /// Where the numbers lead.
    public let seed: UInt64
    private let corpus: Corpus

    /// - Parameter seed: any; the same seed gives the same documents.
    public init(seed: UInt64, corpus: Corpus) {
        (self.seed, self.corpus) = (seed, corpus)
    }

    /// What is read for a number, to be kept when it fails.
    public func document(_ number: UInt64) -> [UInt8] {
        var random = SeededGenerator(seed: seed, number: number)
        return FuzzDocument(corpus, &random).text
    }

    /// Reads the document of that number as a document, as a part of a watch, and as the body of an answer.
    ///
    /// - Throws: `FuzzFailure`.
    public func run(_ number: UInt64, _ counts: inout FuzzCounts) throws {
        var random = SeededGenerator(seed: seed, number: number)
        let document = FuzzDocument(corpus, &random)
        counts.documents += 1
        try DocumentCheck(text: document.text).run(&counts)
        let others = (0..<Int.random(in: 0...2, using: &random)).map { _ in FuzzDocument(corpus, &random) }
        try StreamCheck([document] + others, &random).run(&counts, &random)
        try BodyCheck(text: document.text).run(&random)
    }
}
