import EventModel

/// A calendar month in UTC: the unit in which events are kept and retired.
public struct EventMonth: Sendable, Hashable, Comparable {
    /// Months since January of the year 0.
    let number: Int

    /// The month in which a moment lies, given in microseconds since 1970.
    public init(microseconds: Int64) {
        let date = CivilDate(microseconds: microseconds)
        number = date.year * 12 + date.month - 1
    }

    init(number: Int) {
        self.number = number
    }

    /// The month that lies so many months later; earlier if negative.
    public func advanced(by months: Int) -> EventMonth { EventMonth(number: number + months) }

    /// The earlier is less.
    public static func < (left: EventMonth, right: EventMonth) -> Bool { left.number < right.number }

    private var year: Int { number >= 0 ? number / 12 : (number - 11) / 12 }
    private var month: Int { number - year * 12 + 1 }

    /// The first moment, in microseconds since 1970.
    public var start: Int64 { Int64(CivilDate(year: year, month: month, day: 1).daysSinceEpoch) * 86_400_000_000 }

    /// The name of its partition, without the schema: `event_202611`.
    public var partition: String { "event_" + Self.digits(year, 4) + Self.digits(month, 2) }

    /// The month that a partition is for; nil for a name of another form.
    public init?(partition: some StringProtocol) {
        guard partition.hasPrefix("event_"), partition.utf8.count == 12, let digits = Int(partition.dropFirst(6)),
            (1...12).contains(digits % 100)
        else { return nil }
        number = digits / 100 * 12 + digits % 100 - 1
    }

    /// Its first day as PostgreSQL's date, `2026-11-01`.
    public var firstDay: String { Self.digits(year, 4) + "-" + Self.digits(month, 2) + "-01" }

    /// Whether a partition can be made for it. Kubernetes is younger than 2014 and events lie in the years of
    /// `Event.time`; but a creationTimestamp alone can say anything, and each month costs a table.
    public var isArchivable: Bool { (1970...2199).contains(year) }

    private static func digits(_ value: Int, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
