/// One way to damage a document.
enum Mutation: CaseIterable {
    case flipBits, cutOff, cutOut, repeatPart, splice, insertBytes, swapTokens
    case replaceValue, renameMember, insertMember, replaceText, nest, manyMembers

    /// No document grows beyond 1 MiB: what is larger is the same thing more often.
    static let longest = 1 << 20

    func apply(to text: inout [UInt8], corpus: Corpus, _ random: inout SeededGenerator) {
        guard !text.isEmpty else { return }
        switch self {
        case .flipBits:
            for _ in 0...random.small(below: 16) {
                text[random.index(in: text)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            }
        case .cutOff: text.removeSubrange(random.index(in: text)...)
        case .cutOut: text.removeSubrange(random.part(of: text))
        case .repeatPart:
            let part = Array(text[random.part(of: text)])
            let times = min(random.small(below: 4096) + 1, Self.longest / max(1, part.count))
            text.insert(contentsOf: [[UInt8]](repeating: part, count: times).joined(), at: random.index(in: text))
        case .splice:
            let other = corpus.seed(&random)
            text.replaceSubrange(random.index(in: text)..., with: other[random.index(in: other)...])
        case .insertBytes:
            for _ in 0...random.small(below: 8) {
                text.insert(contentsOf: NastyText.bytes.random(&random), at: random.index(in: text))
            }
        case .swapTokens: swapTokens(of: &text, &random)
        case .replaceValue:
            guard let range = JSONTokens(text).random([.string, .scalar], &random) else { return }
            text.replaceSubrange(range, with: Self.value(corpus, &random))
        case .renameMember:
            guard let range = JSONTokens(text).random([.key], &random) else { return }
            text.replaceSubrange(range, with: Array("\"\(NastyText.names.random(&random))\"".utf8))
        case .insertMember:
            guard let range = JSONTokens(text).random([.key], &random) else { return }
            text.insert(contentsOf: Self.member(corpus, &random), at: range.lowerBound)
        case .replaceText:
            guard let range = JSONTokens(text).random([.string], &random), range.count >= 2 else { return }
            let inside = (range.lowerBound + 1)..<(range.upperBound - 1)
            let place = inside.isEmpty ? inside.lowerBound : Int.random(in: inside, using: &random)
            text.insert(contentsOf: NastyText.strings.random(&random).utf8, at: place)
        case .nest: nest(&text, &random)
        case .manyMembers:
            guard let range = JSONTokens(text).random([.key], &random) else { return }
            let isNumbered = Bool.random(using: &random)
            let name = NastyText.names.random(&random)
            let members = (0...random.small(below: 20_000)).map { "\"\(name)\(isNumbered ? "\($0)" : "")\":\($0)," }
            text.insert(contentsOf: members.joined().utf8, at: range.lowerBound)
        }
        if text.count > Self.longest { text.removeSubrange(Self.longest...) }
    }

    private static func value(_ corpus: Corpus, _ random: inout SeededGenerator) -> [UInt8] {
        switch Int.random(in: 0..<9, using: &random) {
        case 0, 1: Array(NastyText.numbers.random(&random).utf8)
        case 2, 3: Array("\"\(NastyText.strings.random(&random))\"".utf8)
        case 4: Array("\"\(NastyText.times.random(&random))\"".utf8)
        case 5: corpus.seed(&random)
        case 6: nested(Array("0".utf8), levels: Int.random(in: 194...200, using: &random), &random)
        default: Array(NastyText.values.random(&random).utf8)
        }
    }

    private static func member(_ corpus: Corpus, _ random: inout SeededGenerator) -> [UInt8] {
        Array("\"\(NastyText.names.random(&random))\":".utf8) + value(corpus, &random) + [UInt8(ascii: ",")]
    }

    private func swapTokens(of text: inout [UInt8], _ random: inout SeededGenerator) {
        let tokens = JSONTokens(text)
        let kinds: [JSONTokens.Kind] = [.string, .key, .scalar, .punctuation]
        guard let one = tokens.random(kinds, &random), let other = tokens.random(kinds, &random),
            !one.overlaps(other)
        else { return }
        let (first, second) = one.lowerBound < other.lowerBound ? (one, other) : (other, one)
        let (firstText, secondText) = (Array(text[first]), Array(text[second]))
        text.replaceSubrange(second, with: firstText)
        text.replaceSubrange(first, with: secondText)
    }

    /// Around 200 levels, where parsing ends; sometimes so many that a stack would not hold them.
    private func nest(_ text: inout [UInt8], _ random: inout SeededGenerator) {
        guard let range = JSONTokens(text).random([.string, .scalar], &random) else { return }
        let levels = random.once(in: 20) ? random.small(below: 200_000) : Int.random(in: 190...201, using: &random)
        text.replaceSubrange(range, with: Self.nested(Array(text[range]), levels: levels, &random))
    }

    /// A value in so many arrays or objects, which now and then are not closed.
    private static func nested(_ value: [UInt8], levels: Int, _ random: inout SeededGenerator) -> [UInt8] {
        let (open, close) = Bool.random(using: &random) ? ("[", "]") : ("{\"a\":", "}")
        let isClosed = !random.once(in: 8)
        return Array(String(repeating: open, count: levels).utf8) + value
            + Array(String(repeating: close, count: isClosed ? levels : 0).utf8)
    }
}

extension SeededGenerator {
    fileprivate mutating func index(in text: [UInt8]) -> Int { Int.random(in: 0..<text.count, using: &self) }

    fileprivate mutating func part(of text: [UInt8]) -> Range<Int> {
        let start = index(in: text)
        return start..<min(text.count, start + 1 + small(below: text.count))
    }
}

extension Array {
    fileprivate func random(_ generator: inout SeededGenerator) -> Element {
        self[Int.random(in: 0..<count, using: &generator)]
    }
}
