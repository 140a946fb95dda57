import EventSchema

/// Which parts of a range are counted hour by hour already, and which have to be counted from the events. Together they
/// are the range, and nothing twice.
struct StatsRanges: Equatable {
    static let hour: Int64 = 3_600_000_000

    /// Whole hours.
    var rollup: [Range<Int64>] = []
    var events: [Range<Int64>] = []

    /// - Parameters:
    ///   - range: microseconds since 1970.
    ///   - bucket: below an hour the rollup does not help.
    ///   - uncounted: months of which the rollup does not know everything.
    init(_ range: Range<Int64>, bucket: StatsQuery.Bucket, uncounted: Set<EventMonth>) {
        let firstHour = range.lowerBound.roundedUp(to: Self.hour)
        let lastHour = range.upperBound.roundedDown(to: Self.hour)
        guard bucket.length >= Self.hour, firstHour < lastHour else {
            events = [range]
            return
        }
        addEvents(range.lowerBound..<firstHour)
        var start = firstHour
        for month in uncounted.sorted() {
            let (lower, upper) = (max(month.start, start), min(month.advanced(by: 1).start, lastHour))
            guard lower < upper else { continue }
            addRollup(start..<lower)
            addEvents(lower..<upper)
            start = upper
        }
        addRollup(start..<lastHour)
        addEvents(lastHour..<range.upperBound)
    }

    private mutating func addRollup(_ range: Range<Int64>) {
        if !range.isEmpty { rollup.append(range) }
    }

    private mutating func addEvents(_ range: Range<Int64>) {
        guard !range.isEmpty else { return }
        if let last = events.last, last.upperBound == range.lowerBound {
            events[events.count - 1] = last.lowerBound..<range.upperBound
        } else {
            events.append(range)
        }
    }
}
