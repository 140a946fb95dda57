/// The query parameters of the event routes.
enum ParameterName: String, CaseIterable, Sendable {
    case limit, `continue`, perCluster, since, until, type, reason, kind, name, order

    var canBeRepeated: Bool {
        switch self {
        case .type, .reason, .kind: true
        case .limit, .continue, .perCluster, .since, .until, .name, .order: false
        }
    }

    /// The known name that was probably meant: at most two letters off, letter case aside.
    static func nearest(to text: String) -> ParameterName? {
        let typed = Array(text.lowercased().utf8.prefix(32))
        let (nearest, distance) = allCases.reduce((limit, Int.max)) { best, name in
            let distance = Self.distance(typed, Array(name.rawValue.lowercased().utf8))
            return distance < best.1 ? (name, distance) : best
        }
        return distance <= 2 && distance < typed.count ? nearest : nil
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
