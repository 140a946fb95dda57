/// What real API servers sent, to be damaged: single lines, each a frame, a list or a Status.
public struct Corpus: Sendable {
    let seeds: [[UInt8]]

    /// Takes the lines that begin like a JSON object out of recorded bodies and answers; headers and the framing of
    /// chunks fall away, and a line that a chunk cuts in the middle is as good as any. The object of a frame is taken once more by itself.
    ///
    /// - Returns: nil if there is no such line.
    public init?(recordings: [[UInt8]]) {
        let lines = recordings.flatMap { recording in
            recording.split(separator: UInt8(ascii: "\n")).filter { $0.first == UInt8(ascii: "{") }.map(Array.init)
        }
        seeds = lines + lines.compactMap(Self.object)
        guard !seeds.isEmpty else { return nil }
    }

    private static func object(of frame: [UInt8]) -> [UInt8]? {
        guard let start = frame.firstRange(of: Array("\"object\":".utf8)), frame.last == UInt8(ascii: "}") else {
            return nil
        }
        return Array(frame[start.upperBound...].dropLast())
    }

    func seed(_ random: inout SeededGenerator) -> [UInt8] {
        seeds[Int.random(in: 0..<seeds.count, using: &random)]
    }
}
