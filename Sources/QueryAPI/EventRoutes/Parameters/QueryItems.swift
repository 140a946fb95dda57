/// The pairs of a URL's query, decoded, and checked as far as that goes without knowing what they mean.
struct QueryItems<Name: QueryName> {
    private var rest: Substring.UTF8View

    /// - Parameter query: what stands behind the `?` of a URL.
    init(_ query: String) {
        rest = Substring(query).utf8
    }

    /// The next pair, nil at the end.
    /// - Throws: a 400 for a name that is not known and for a value that is empty, too long or cannot be decoded.
    mutating func next() throws(Problem) -> (name: Name, value: String)? {
        while !rest.isEmpty {
            let piece = rest.prefix { $0 != UInt8(ascii: "&") }
            rest = rest[piece.endIndex...].dropFirst()
            if piece.isEmpty { continue }
            let rawName = piece.prefix { $0 != UInt8(ascii: "=") }
            let name = try Self.name(rawName)
            return (name, try Self.value(piece[rawName.endIndex...].dropFirst(), of: name))
        }
        return nil
    }

    private static func name(_ raw: Substring.UTF8View) throws(Problem) -> Name {
        let text: String
        do {
            text = try PercentDecoding.decode(raw, plusIsSpace: true)
        } catch {
            let shown = String(Substring(raw))
            throw .parameter(shown, "The name of the parameter \(shown.quoted) is wrong: \(error.reason).")
        }
        if let name = Name(rawValue: text) { return name }
        let hint =
            Name.nearest(to: text).map { " Did you mean '\($0.rawValue)'?" }
            ?? " There are \(Name.allCases.map(\.rawValue).joined(separator: ", "))."
        throw .parameter(text, "There is no parameter \(text.quoted).\(hint)")
    }

    private static func value(_ raw: Substring.UTF8View, of name: Name) throws(Problem) -> String {
        let text: String
        do {
            text = try PercentDecoding.decode(raw, plusIsSpace: true)
        } catch {
            let shown = String(Substring(raw))
            throw .parameter(name.rawValue, "The value \(shown.quoted) of \(name.rawValue) is wrong: \(error.reason).")
        }
        guard !text.isEmpty else {
            throw .parameter(
                name.rawValue,
                "The parameter \(name.rawValue) has no value. Give one, or leave it out."
            )
        }
        guard text.utf8.count <= name.longestValue else {
            throw .parameter(name.rawValue, "The value of \(name.rawValue) is longer than \(name.longestValue) bytes.")
        }
        return text
    }

    /// Puts a value into its place.
    /// - Throws: a 400 if there is one already.
    static func once<Value>(_ place: inout Value?, _ value: Value, _ name: Name) throws(Problem) {
        guard place == nil else {
            throw .parameter(name.rawValue, "The parameter \(name.rawValue) is given more than once.")
        }
        place = value
    }

    /// The whole number that a value stands for.
    static func number(_ text: String, of name: Name, in range: ClosedRange<Int>) throws(Problem) -> Int {
        let isDecimal = text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard isDecimal, let number = Int(text), range.contains(number) else {
            let bounds = "\(range.lowerBound) to \(range.upperBound)"
            throw .parameter(name.rawValue, "The \(name.rawValue) \(text.quoted) is not a whole number from \(bounds).")
        }
        return number
    }

    /// The time that a value stands for.
    static func bound(_ text: String, of name: Name) throws(Problem) -> TimeBound {
        guard let bound = TimeBound(text) else {
            throw .parameter(
                name.rawValue,
                "\(text.quoted) is no time for \(name.rawValue): give one of RFC 3339 such as 2026-01-31T12:00:00Z, or "
                    + "a duration back from now such as 90s, 15m, 2h or 30d."
            )
        }
        return bound
    }
}
