import EventSchema

/// In which order the months are looked at.
extension EventSelection {
    /// The months that hold the beginning of the answer, if few enough tables to be asked directly.
    func directMonths(_ months: ArchiveMonths) -> [EventMonth]? {
        switch order {
        case .newestFirst:
            guard let newest = months.newestWithEvents else { return nil }
            let bounds = [until.map { $0 - 1 }, cursor?.time].compactMap(\.self)
            let first = bounds.min().map { min(EventMonth(microseconds: $0), newest) } ?? newest
            // Months after the newest one with events are empty, or were filled since that was looked up.
            let last = bounds.min().map { EventMonth(microseconds: $0) }
            let asked = months.attached.filter { month in month >= first && last.map { month <= $0 } ?? true }
            return asked.first == first && asked.count <= Self.directLimit ? asked : nil
        case .oldestFirst:
            guard let bound = [since, cursor?.time].compactMap(\.self).max() else { return nil }
            let month = EventMonth(microseconds: bound)
            return months.attached.contains(month) ? [month] : nil
        }
    }

    /// Whether nothing outside those months can match.
    func isComplete(in months: [EventMonth]) -> Bool {
        switch order {
        case .newestFirst: since.map { since in months.first.map { since >= $0.start } ?? false } ?? false
        case .oldestFirst:
            until.map { until in months.last.map { until <= $0.advanced(by: 1).start } ?? false } ?? false
        }
    }

    /// More tables than this are better asked through their parent.
    private static let directLimit = 4

    /// The parts in which the rest of the time is looked at, one after another until there are rows enough.
    ///
    /// The index of a cluster or a namespace is read in all months of a part at once, up to the first row of each that
    /// matches. Where few rows do, that can be all of a month that the page does not even reach. So the parts begin with
    /// one month and double, and seven hold five years; what is not filtered is one part.
    ///
    /// - Parameter rest: what has not been looked at.
    func windows(_ rest: Range<Int64>, _ months: ArchiveMonths) -> [Range<Int64>] {
        guard isSelective else { return [rest] }
        let starts = months.attached.map(\.start)
        var ends: [Int64] = []
        var step = 1
        switch order {
        case .newestFirst:
            let bound = min(upperBound, rest.upperBound)
            let inside = Array(starts.filter { $0 > rest.lowerBound && $0 < bound }.reversed())
            var index = 0
            while index < inside.count {
                ends.append(inside[index])
                step *= 2
                index += step
            }
            let edges = [rest.upperBound] + ends + [rest.lowerBound]
            return zip(edges, edges.dropFirst()).map { $1..<$0 }.filter { since ?? .min < $0.upperBound }
        case .oldestFirst:
            let bound = [since, cursor?.time, rest.lowerBound].compactMap(\.self).max() ?? rest.lowerBound
            // The end of a month is the start of the next one, attached or not.
            let inside = months.attached.map { $0.advanced(by: 1).start }.filter { $0 > bound && $0 < rest.upperBound }
            var index = 0
            while index < inside.count {
                ends.append(inside[index])
                step *= 2
                index += step
            }
            let edges = [rest.lowerBound] + ends + [rest.upperBound]
            return zip(edges, edges.dropFirst()).map { $0..<$1 }.filter { until ?? .max > $0.lowerBound }
        }
    }

    /// Before this, all that is asked for lies.
    var upperBound: Int64 {
        [until, cursor.map { max($0.time, $0.time &+ 1) }].compactMap(\.self).min() ?? Self.allTime.upperBound
    }

    /// Whether an index is read of which only some rows match.
    private var isSelective: Bool {
        kinds != nil || reasons != nil || types != nil || components != nil || text != nil || isLatest
            || (name != nil && object == nil)
    }

    /// All time that an event can have; its month must be `EventMonth.isArchivable`.
    static let allTime = Int64(-2_208_988_800_000_000)..<Int64(10_413_792_000_000_000)
}
