/// Where a series belongs.
struct SeriesKey: Hashable, Sendable {
    let family: FamilyName
    let labels: LabelSet
}

/// A family's name as OpenMetrics has it: with the prefix, a counter without `_total`.
struct FamilyName: Hashable, Sendable, Comparable {
    let text: String

    init(_ name: String, prefix: String, kind: MetricDescription.Kind) {
        let full = MetricName.sanitized(prefix + name)
        text = kind == .counter ? full.droppingSuffix("_total") : full
    }

    static func < (one: FamilyName, other: FamilyName) -> Bool { one.text < other.text }
}

/// The series of one name, bounded in number.
struct MetricFamily: Sendable {
    enum Series: Sendable {
        case counter(CounterSeries)
        case gauge(GaugeSeries)
        case summary(SummarySeries)
    }

    let kind: MetricDescription.Kind
    var series: [LabelSet: Series] = [:]
    var hasWarned = false
}

/// A family at one moment, ready to be written.
struct FamilySnapshot: Sendable {
    enum Value: Sendable {
        case number(MetricNumber)
        case summary(SummaryValue)
    }

    let name: FamilyName
    let kind: MetricDescription.Kind
    let help: String
    var samples: [LabelSet: Value]
}
