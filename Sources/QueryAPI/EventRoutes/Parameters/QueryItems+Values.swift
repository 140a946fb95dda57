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
