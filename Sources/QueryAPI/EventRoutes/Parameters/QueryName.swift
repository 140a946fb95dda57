/// The names of the query parameters that some routes take.
protocol QueryName: RawRepresentable, CaseIterable, Sendable where RawValue == String {
    /// Bytes of a value.
    var longestValue: Int { get }
}

extension QueryName {
    /// The known name that was probably meant: at most two letters off, letter case aside.
    static func nearest(to text: String) -> Self? {
        let typed = Array(text.lowercased().utf8.prefix(32))
        var nearest: (name: Self, distance: Int)?
        for name in allCases {
            let distance = Self.distance(typed, Array(name.rawValue.lowercased().utf8))
            if distance < nearest?.distance ?? .max { nearest = (name, distance) }
        }
        guard let nearest, nearest.distance <= 2, nearest.distance < typed.count else { return nil }
        return nearest.name
    }

    /// How many letters must be changed, added or left out (Levenshtein).
    private static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
        var row = Array(0...other.count)
        for (i, letter) in one.enumerated() {
            var diagonal = i
            row[0] = i + 1
            for (j, otherLetter) in other.enumerated() {
                let substitution = diagonal + (letter == otherLetter ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substitution, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[other.count]
    }
}
