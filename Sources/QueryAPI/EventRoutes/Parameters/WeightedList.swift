/// A header field of values that a client likes more or less: `text/csv;q=0.5, */*;q=0.1`. Source: RFC 9110 section
/// 12.4.2.
struct WeightedList: Equatable, Sendable {
    struct Item: Equatable, Sendable {
        /// In lower case, without its parameters.
        let value: String
        /// In thousandths; 0 for what is not wanted at all.
        let weight: Int
    }

    private(set) var items: [Item] = []

    init(_ field: String) {
        for element in field.split(separator: ",") {
            let parts = element.split(separator: ";", omittingEmptySubsequences: false).map { Self.trimmed($0) }
            if parts[0].isEmpty { continue }
            let weight = parts.dropFirst().compactMap { Self.weight($0) }.first
            items.append(Item(value: parts[0], weight: weight ?? 1_000))
        }
    }

    /// Of `q=0.25`; nil for any other parameter, and for what is no weight.
    private static func weight(_ parameter: String) -> Int? {
        guard parameter.hasPrefix("q="), parameter.utf8.count <= 7, let number = Double(parameter.dropFirst(2)),
            (0...1).contains(number)
        else { return nil }
        return Int((number * 1_000).rounded())
    }

    private static func trimmed(_ text: Substring) -> String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        let start = text.drop(while: isSpace)
        let end = start.lastIndex { !isSpace($0) }
        return end.map { start[...$0].lowercased() } ?? ""
    }
}
