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
    ///
    /// - Parameters:
    ///   - asked: when it was asked for: its version was the newest then or later.
    ///   - arrived: when it came. What was superseded while the answer was on its way may be missing in it, so nothing
    ///     before is vouched for.
    init(_ version: String, asked: WatchMoment, arrived: WatchMoment, cause: CoverageStretch.Cause) {
        position = WatchPosition(
            resourceVersion: version,
            stretch: CoverageStretch(since: arrived.microseconds, until: arrived.microseconds, cause: cause)
        )
        coveredAt = asked.instant
        newestAt = asked.instant
    }

    var version: String { position.resourceVersion }

    /// Everything until then was brought. Nothing that was vouched for is taken back.
    mutating func cover(until moment: WatchMoment) {
        let stretch = position.stretch
        let until = max(stretch.until, moment.microseconds)
        position.stretch = CoverageStretch(since: stretch.since, until: until, cause: stretch.cause)
        coveredAt = coveredAt.map { max($0, moment.instant) } ?? moment.instant
    }

    /// A frame has come that took no longer than `delay`: what happened before it was told before it.
    mutating func cover(until moment: WatchMoment, delayedBy delay: Duration) {
        let (seconds, attoseconds) = delay.components
        let microseconds = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
        cover(
            until: WatchMoment(
                instant: moment.instant - delay,
                microseconds: moment.microseconds - microseconds
            )
        )
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
