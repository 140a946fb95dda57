/// Durations as people write them: `90s`, `15m`, `2h`, `30d`, `1h30m`, `500ms`.
public enum DurationText {
    private static let units: [(name: String, duration: Duration)] = [
        ("d", .seconds(86_400)), ("h", .seconds(3600)), ("m", .seconds(60)), ("s", .seconds(1)),
        ("ms", .milliseconds(1)),
    ]
    /// What can be given at most: a hundred years.
    private static let longest = Duration.seconds(36_525 * 86_400)

    /// Reads whole numbers with units, larger units first, each once.
    /// - Throws: ``SettingValueError`` that says how a duration is written.
    public static func duration(parsing text: String) throws(SettingValueError) -> Duration {
        let error = SettingValueError(
            "'\(text)' is no duration: give numbers with d, h, m, s or ms, such as 90s or 1h30m"
        )
        var total = Duration.zero
        var rest = text[...]
        var left = units[...]
        guard !rest.isEmpty else { throw error }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isWholeNumber }
            rest = rest.dropFirst(digits.count)
            let name = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(name.count)
            guard let number = Int32(digits), let index = left.firstIndex(where: { $0.name == name }) else {
                throw error
            }
            total += left[index].duration * Int(number)
            left = left[(index + 1)...]
        }
        guard total <= longest else { throw SettingValueError("'\(text)' is too long: a duration is at most 36525d") }
        return total
    }

    /// Writes a duration so that it reads back, to the millisecond: `1h30m`; `0s` for nothing.
    public static func text(_ duration: Duration) -> String {
        var text = ""
        var rest = duration
        for (name, unit) in units {
            let count = Int(rest.attoseconds / unit.attoseconds)
            guard count > 0 else { continue }
            text += "\(count)\(name)"
            rest -= unit * count
        }
        return text.isEmpty ? "0s" : text
    }
}
