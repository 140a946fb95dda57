internal import EventModel

/// A value of `since` or `until`: a moment, or a duration back from now.
struct TimeBound: Equatable, Sendable {
    enum Meaning: Equatable, Sendable {
        /// Microseconds since 1970.
        case at(Int64)
        /// Microseconds back from now.
        case ago(Int64)
    }

    /// As it was given.
    let text: String
    let meaning: Meaning

    /// A century: more is a typo.
    static let longestSeconds: Int64 = 36_525 * 86_400

    /// RFC 3339, or `90s`, `15m`, `2h`, `30d`. Nil for all else.
    init?(_ text: String) {
        self.text = text
        if let seconds = Self.seconds(text) {
            meaning = .ago(seconds * 1_000_000)
        } else if let moment = Timestamp(text) ?? Timestamp(Self.restoringPlus(text)) {
            meaning = .at(moment.microseconds)
        } else {
            return nil
        }
    }

    /// Microseconds since 1970.
    func microseconds(now: Int64) -> Int64 {
        switch meaning {
        case .at(let moment): moment
        case .ago(let duration): now - duration
        }
    }

    private static func seconds(_ text: String) -> Int64? {
        let unit: Int64
        switch text.utf8.last {
        case UInt8(ascii: "s"): unit = 1
        case UInt8(ascii: "m"): unit = 60
        case UInt8(ascii: "h"): unit = 3_600
        case UInt8(ascii: "d"): unit = 86_400
        default: return nil
        }
        let digits = text.utf8.dropLast()
        guard !digits.isEmpty, digits.count <= 10 else { return nil }
        var number: Int64 = 0
        for byte in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            number = number * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        let seconds = number * unit
        return seconds <= longestSeconds ? seconds : nil
    }

    /// In a query `+` stands for a space, and `2026-01-02T03:04:05+02:00` is often sent as it is.
    private static func restoringPlus(_ text: String) -> String {
        String(text.map { $0 == " " ? "+" : $0 })
    }
}
