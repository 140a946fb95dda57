extension QueryItems {
    /// Adds a value to those of a parameter that can be repeated.
    /// - Throws: a 400 if there are too many.
    static func append(_ value: String, to values: inout [String], _ name: Name) throws(Problem) {
        guard values.count < EventParameters.mostRepeats else {
            throw .parameter(
                name.rawValue,
                "The parameter \(name.rawValue) is given more than \(EventParameters.mostRepeats) times."
            )
        }
        values.append(value)
    }

    /// A whole number in decimal digits.
    static func number(_ text: String, of name: Name, in range: ClosedRange<Int>) throws(Problem) -> Int {
        let isDecimal = text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard isDecimal, let number = Int(text), range.contains(number) else {
            let bounds = "\(range.lowerBound) to \(range.upperBound)"
            throw .parameter(
                name.rawValue,
                "The \(name.rawValue) \(text.quoted) is not a whole number from \(bounds)."
            )
        }
        return number
    }

    /// One of some words, as they are written.
    static func word<Word>(_ text: String, of name: Name, _ words: [Word]) throws(Problem) -> Word
    where Word: RawRepresentable, Word.RawValue == String {
        guard let word = words.first(where: { $0.rawValue == text }) else {
            let known = words.map(\.rawValue).joined(separator: ", ")
            throw .parameter(name.rawValue, "The \(name.rawValue) \(text.quoted) is none of \(known).")
        }
        return word
    }
}
