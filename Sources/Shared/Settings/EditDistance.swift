/// How far two words are from each other, to guess what was meant.
enum EditDistance {
    /// Letters to insert, delete, replace or swap with their neighbour (optimal string alignment).
    static func between(_ one: String, _ other: String) -> Int {
        let a = Array(one.utf8)
        let b = Array(other.utf8)
        var before: [Int] = []
        var last = Array(0...b.count)
        for i in 0..<a.count {
            var row = [i + 1]
            for j in 0..<b.count {
                var best = min(row[j] + 1, last[j + 1] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, before[j - 1] + 1) }
                row.append(best)
            }
            before = last
            last = row
        }
        return last[b.count]
    }

    /// The nearest of the words, when it is near enough to be meant: 1 or 2 away, and not most of the word.
    static func nearest(to word: String, among words: some Sequence<String>) -> String? {
        let bound = word.utf8.count <= 4 ? 1 : 2
        return words.map { (distance: between(word, $0), word: $0) }
            .filter { $0.distance > 0 && $0.distance <= bound }
            .min { ($0.distance, $0.word) < ($1.distance, $1.word) }?.word
    }
}
