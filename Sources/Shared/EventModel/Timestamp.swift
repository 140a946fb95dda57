public import JSON

/// A moment to the microsecond, and how its RFC 3339 text was written.
public struct Timestamp: Sendable, Equatable {
    /// Microseconds since 1970-01-01T00:00:00Z. Finer digits are cut off, towards the past.
    public let microseconds: Int64
    /// How the text looked, so that it can be written again.
    public let form: Form

    /// The ways in which Kubernetes writes times, and all others.
    public enum Form: Sendable, Equatable {
        /// `2006-01-02T15:04:05Z`, as metav1.Time writes.
        case seconds
        /// `2006-01-02T15:04:05.000000Z`, as metav1.MicroTime writes.
        case microseconds
        /// Another offset, or another number of digits.
        case other
    }

    /// Parses RFC 3339 section 5.6: any offset, any number of fractional digits, `T` and `Z` in either case. Nil for
    /// all else, leap seconds and days that no calendar has included.
    public init?(_ value: JSONValue?) {
        guard let value, value.isPlainString else { return nil }
        guard let parsed = value.withRawBytes({ Timestamp($0) }) else { return nil }
        self = parsed
    }

    /// Parses RFC 3339 text; see `init(_: JSONValue?)`.
    public init?(_ text: String) {
        var text = text
        guard let parsed = text.withUTF8({ Timestamp($0) }) else { return nil }
        self = parsed
    }

    init?(_ text: UnsafeBufferPointer<UInt8>) {
        guard text.count >= 20, text.count <= 64 else { return nil }
        func digits(_ start: Int, _ count: Int) -> Int? {
            var value = 0
            for position in start..<(start + count) {
                let digit = text[position] &- UInt8(ascii: "0")
                guard digit < 10 else { return nil }
                value = value * 10 + Int(digit)
            }
            return value
        }
        guard let year = digits(0, 4), text[4] == UInt8(ascii: "-"),
            let month = digits(5, 2), text[7] == UInt8(ascii: "-"),
            let day = digits(8, 2), text[10] | 0x20 == UInt8(ascii: "t"),
            let hour = digits(11, 2), text[13] == UInt8(ascii: ":"),
            let minute = digits(14, 2), text[16] == UInt8(ascii: ":"),
            let second = digits(17, 2),
            (1...12).contains(month), hour < 24, minute < 60, second < 60,
            day >= 1, day <= CivilDate.days(inMonth: month, of: year)
        else { return nil }

        var position = 19
        var fraction = 0
        if text[position] == UInt8(ascii: ".") {
            position += 1
            let start = position
            while position < text.count, text[position] &- UInt8(ascii: "0") < 10 {
                if position - start < 6 { fraction = fraction * 10 + Int(text[position] - UInt8(ascii: "0")) }
                position += 1
            }
            guard position > start else { return nil }
            for _ in min(position - start, 6)..<6 { fraction *= 10 }
        }
        guard position < text.count else { return nil }

        var offset = 0
        switch text[position] {
        case UInt8(ascii: "Z"), UInt8(ascii: "z"):
            guard position + 1 == text.count else { return nil }
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            guard position + 6 == text.count, let hours = digits(position + 1, 2),
                text[position + 3] == UInt8(ascii: ":"), let minutes = digits(position + 4, 2), hours < 24, minutes < 60
            else { return nil }
            offset = (hours * 60 + minutes) * (text[position] == UInt8(ascii: "-") ? -60 : 60)
        default:
            return nil
        }
        let days = CivilDate(year: year, month: month, day: day).daysSinceEpoch
        let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset
        microseconds = Int64(seconds) * 1_000_000 + Int64(fraction)
        let isPlain = text[10] == UInt8(ascii: "T") && text[text.count - 1] == UInt8(ascii: "Z")
        form = isPlain && text.count == 20 ? .seconds : isPlain && text.count == 27 ? .microseconds : .other
    }
}

extension JSONOutput {
    /// Appends a time as a string of that form; `.other` is written like `.microseconds`.
    public mutating func write(timestamp microseconds: Int64, form: Timestamp.Form) {
        write("\"")
        write(bareTimestamp: microseconds, form: form)
        write("\"")
    }

    /// Appends a time without quotes, for what is no JSON.
    public mutating func write(bareTimestamp microseconds: Int64, form: Timestamp.Form) {
        let (seconds, fraction) = microseconds.floorDivided(by: 1_000_000)
        let (days, secondOfDay) = seconds.floorDivided(by: 86_400)
        let date = CivilDate(daysSinceEpoch: Int(days))
        write(decimal: UInt64(clamping: date.year), digits: 4)
        write("-")
        write(decimal: UInt64(date.month), digits: 2)
        write("-")
        write(decimal: UInt64(date.day), digits: 2)
        write("T")
        write(decimal: UInt64(secondOfDay) / 3_600, digits: 2)
        write(":")
        write(decimal: UInt64(secondOfDay) / 60 % 60, digits: 2)
        write(":")
        write(decimal: UInt64(secondOfDay) % 60, digits: 2)
        if form != .seconds {
            write(".")
            write(decimal: UInt64(fraction), digits: 6)
        }
        write("Z")
    }
}

extension Int64 {
    /// Quotient towards the past and a remainder that is never negative.
    func floorDivided(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
