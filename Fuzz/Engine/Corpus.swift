/// What real API servers sent, to be damaged: single lines, each a frame, a list or a Status.
public struct Corpus: Sendable {
    let seeds: [[UInt8]]

    /// Takes the lines that begin like a JSON object out of recorded bodies and answers; headers and the framing of
    /// chunks fall away, and a line that a chunk cuts in the middle is as good as any.
    ///
    /// - Returns: nil if there is no such line.
    public init?(recordings: [[UInt8]]) {
        seeds = recordings.flatMap { recording in
            recording.split(separator: UInt8(ascii: "\n")).filter { $0.first == UInt8(ascii: "{") }.map(Array.init)
        }
        guard !seeds.isEmpty else { return nil }
    }

    func seed(_ random: inout SeededGenerator) -> [UInt8] {
        seeds[Int.random(in: 0..<seeds.count, using: &random)]
    }
}
