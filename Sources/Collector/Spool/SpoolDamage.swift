internal import Coverage

/// What damage in the spool means for the coverage of what follows it. Pure.
///
/// A position vouches for everything before it. Where records could not be read, the positions behind them would vouch
/// for events that are gone. So for each namespace the stretch is broken at the first position behind the hole: from
/// there on it begins with that time, because `unreadable`. This is known by times alone, so it holds wherever a record
/// lies, and is kept in a file of its own until all is drained: the hole itself is gone after the first start.
///
/// A hole with no position behind it breaks nothing: a watch goes on from the last position before it.
struct SpoolDamage: Sendable, Equatable {
    /// Ascending times at which the stretch of a namespace is broken. As many as holes, which are bounded by segments.
    private(set) var breaks: [String?: [Int64]] = [:]
    /// The namespaces that were met since the last hole; nil before there was one.
    private var met: Set<String?>?

    var isEmpty: Bool { breaks.isEmpty }

    init() {}

    /// Notes that what stood here could not be read.
    mutating func hole() {
        met = []
    }

    /// Notes the position of a record, in the order of the records.
    mutating func pass(_ position: WatchPosition?, namespace: String?) {
        guard let position, met?.insert(namespace).inserted == true else { return }
        let time = position.stretch.until
        guard position.stretch.since < time, breaks[namespace]?.contains(time) != true else { return }
        breaks[namespace, default: []].append(time)
        breaks[namespace]?.sort()
    }

    /// The position with what it can vouch for.
    func amended(_ position: WatchPosition, namespace: String?) -> WatchPosition {
        let stretch = position.stretch
        guard let time = breaks[namespace]?.last(where: { stretch.since < $0 && $0 <= stretch.until }) else {
            return position
        }
        let rest = CoverageStretch(since: time, until: stretch.until, cause: .unreadable)
        return WatchPosition(resourceVersion: position.resourceVersion, stretch: rest)
    }

    /// For the file: a record without events for each break.
    var records: [SpoolRecord] {
        breaks.flatMap { namespace, times in
            times.map { time in
                let stretch = CoverageStretch(since: time, until: time, cause: .unreadable)
                let position = WatchPosition(resourceVersion: "", stretch: stretch)
                return SpoolRecord(namespace: namespace, position: position, bodies: [])
            }
        }
    }

    init(records: [SpoolRecord]) {
        for record in records {
            guard let time = record.position?.stretch.since else { continue }
            breaks[record.namespace, default: []].append(time)
        }
        for namespace in breaks.keys { breaks[namespace]?.sort() }
    }
}
