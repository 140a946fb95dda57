/// A damaged document, which is known by the seed of the run and its number.
public struct FuzzDocument: Sendable {
    /// As the reader gets it.
    public let text: [UInt8]

    /// The same for the same seed, number and corpus.
    public init(_ corpus: Corpus, _ random: inout SeededGenerator) {
        var text = corpus.seed(&random)
        // Most often one mutation, so that much of it stays an event; sometimes none, for the invariants hold there too.
        let count = random.once(in: 20) ? 0 : random.once(in: 3) ? Int.random(in: 2...5, using: &random) : 1
        for _ in 0..<count {
            let mutation = Mutation.allCases[Int.random(in: 0..<Mutation.allCases.count, using: &random)]
            // It costs much more than the others.
            if mutation == .manyMembers, !random.once(in: 20) { continue }
            mutation.apply(to: &text, corpus: corpus, &random)
        }
        self.text = text
    }
}
