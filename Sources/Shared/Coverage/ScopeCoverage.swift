/// What was watched of one namespace, or of a whole cluster: its stretches, united where they overlap or touch.
public struct ScopeCoverage: Sendable, Equatable {
    /// In the order of time. Between one and the next there is always a gap, if only the instant of an unreadable line.
    public let stretches: [CoverageStretch]
    /// Whether nothing is known of the time before the first stretch, since there were too many to be read.
    public let isTruncated: Bool

    /// After so many microseconds without a word, nobody watches any more. The coverage of a quiet cluster moves with the
    /// checks of its silent watch, one in 45 s (API servers send no bookmarks about events by default), and may lag by
    /// 90 s.
    public static let tolerance: Int64 = 180_000_000

    /// Microseconds that are no gap: the resolution of the clock.
    private static let resolution: Int64 = 1

    /// - Parameters:
    ///   - stretches: in any order, of one collector or of several.
    ///   - knownFrom: before this moment some stretches were not read, so that nothing is said of that time; nil: all were.
    public init(_ stretches: [CoverageStretch], knownFrom: Int64? = nil) {
        isTruncated = knownFrom != nil
        let known = knownFrom ?? .min
        let inOrder = stretches.filter { $0.until >= known }
            .map { CoverageStretch(since: max($0.since, known), until: $0.until, cause: $0.cause) }
            .sorted { ($0.since, $0.cause.rank) < ($1.since, $1.cause.rank) }
        var united: [CoverageStretch] = []
        for stretch in inOrder {
            guard let last = united.last, stretch.since - last.until <= Self.resolution else {
                united.append(stretch)
                continue
            }
            let until = max(last.until, stretch.until)
            if stretch.cause == .unreadable, stretch.since > last.since {
                // The event is missing whoever else watched meanwhile: the others were sent the same line.
                united[united.count - 1].until = stretch.since
                united.append(CoverageStretch(since: stretch.since, until: until, cause: .unreadable))
            } else {
                united[united.count - 1].until = until
            }
        }
        self.stretches = united
    }

    /// Everything that happened before this moment, gaps aside, is archived; nil if nobody ever watched.
    public var coveredUntil: Int64? { stretches.last?.until }

    /// The stretches, cut to a range.
    public func stretches(in range: CoverageRange) -> [CoverageStretch] {
        stretches.filter { $0.since < range.upper && ($0.until > range.lower || $0.since >= range.lower) }.map {
            CoverageStretch(since: max($0.since, range.lower), until: min($0.until, range.upper), cause: $0.cause)
        }
    }

    /// What was not watched in a range. Where nothing is missing this compares a few numbers and allocates nothing.
    ///
    /// - Parameters:
    ///   - namespace: for the gaps to carry.
    ///   - now: microseconds since 1970. The time after it is no gap.
    public func gaps(in range: CoverageRange, now: Int64, namespace: String? = nil) -> CoverageGaps {
        var found = CoverageGaps()
        guard let first = stretches.first, let last = stretches.last, range.lower < range.upper else { return found }
        // The newest first, until there are enough.
        if last.until < now - Self.tolerance, range.upper > last.until, range.lower < now {
            found.gaps.append(
                CoverageGap(
                    namespace: namespace,
                    from: max(last.until, range.lower),
                    until: range.until.flatMap { $0 <= now ? $0 : nil },
                    reason: .notWatchedSince
                )
            )
        }
        for index in stretches.indices.dropFirst().reversed() {
            let (from, until) = (stretches[index - 1].until, stretches[index].since)
            if until < range.lower || (until == range.lower && from < until) { break }
            guard from < range.upper else { continue }
            guard found.gaps.count < CoverageGaps.limit else {
                found.isTruncated = true
                break
            }
            found.gaps.append(
                CoverageGap(
                    namespace: namespace,
                    from: max(from, range.lower),
                    until: min(until, range.upper),
                    reason: CoverageGap.Reason(stretches[index].cause)
                )
            )
        }
        addTimeBefore(first, range, namespace, to: &found)
        found.gaps.reverse()
        return found
    }

    private func addTimeBefore(
        _ first: CoverageStretch,
        _ range: CoverageRange,
        _ namespace: String?,
        to found: inout CoverageGaps
    ) {
        if isTruncated {
            found.isTruncated = found.isTruncated || range.lower < first.since
        } else if let since = range.since, since < first.since, !found.isTruncated {
            guard found.gaps.count < CoverageGaps.limit else {
                found.isTruncated = true
                return
            }
            found.gaps.append(
                CoverageGap(
                    namespace: namespace,
                    from: since,
                    until: min(first.since, range.upper),
                    reason: .beforeFirstWatch
                )
            )
        }
    }
}

extension CoverageStretch.Cause {
    /// Of stretches that begin at the same moment, the first by this gives its cause to their union.
    var rank: Int {
        switch self {
        case .unreadable: 0
        case .restored: 1
        case .expired: 2
        case .first: 3
        }
    }
}
