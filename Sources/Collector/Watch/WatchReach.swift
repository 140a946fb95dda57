internal import Coverage

/// How far a watch has come, with what only the running process can know of it. Pure.
struct WatchReach: Sendable, Equatable {
    private(set) var position: WatchPosition
    /// When `position.stretch.until` was, by the clock that never jumps; nil for a position of an earlier run.
    private var coveredAt: ContinuousClock.Instant?
    /// When the version was still the newest; nil if that is not known.
    private var newestAt: ContinuousClock.Instant?

    /// A position of an earlier run.
    init(_ position: WatchPosition) {
        self.position = position
    }

    /// The beginning of a stretch, with a list.
    init(_ version: String, listedAt asked: WatchMoment, cause: CoverageStretch.Cause) {
        position = WatchPosition(
            resourceVersion: version,
            stretch: CoverageStretch(since: asked.microseconds, until: asked.microseconds, cause: cause)
        )
        coveredAt = asked.instant
        newestAt = asked.instant
    }

    var version: String { position.resourceVersion }

    /// Everything until then was brought.
    mutating func cover(until moment: WatchMoment) {
        let stretch = position.stretch
        position.stretch = CoverageStretch(since: stretch.since, until: moment.microseconds, cause: stretch.cause)
        coveredAt = moment.instant
    }

    /// A later version was reached.
    ///
    /// - Parameter newestAt: when it was the newest; nil if it may have been old already.
    mutating func advance(to version: String, newestAt: ContinuousClock.Instant?) {
        position.resourceVersion = version
        self.newestAt = newestAt
    }

    /// What came now is missing: the stretch ends, and another one begins.
    mutating func beginAnew(at moment: WatchMoment, cause: CoverageStretch.Cause) {
        let now = moment.microseconds
        position.stretch = CoverageStretch(since: now, until: now, cause: cause)
        coveredAt = moment.instant
    }

    /// Whether the version was the newest less than so long ago.
    func isFresh(at now: ContinuousClock.Instant, for age: Duration) -> Bool {
        newestAt.map { now - $0 < age } ?? false
    }

    /// Whether what happened after `until` cannot have come and gone by then, if nothing lives for less than
    /// `lifetime`.
    func isWithin(_ lifetime: Duration, at moment: WatchMoment) -> Bool {
        if let coveredAt { return moment.instant - coveredAt < lifetime }
        // Of an earlier run only the wall clock is known. If it was set back, nothing is.
        let (microseconds, overflow) = moment.microseconds.subtractingReportingOverflow(position.stretch.until)
        return !overflow && microseconds >= 0 && .microseconds(microseconds) < lifetime
    }
}
