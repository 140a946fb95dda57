/// The archive beside the truth. Pure.
public struct Verdict: Sendable {
    /// States that there were, those that a restore undid left out.
    public private(set) var created = 0
    /// Of these, in the archive at least once.
    public private(set) var archived = 0
    /// Missing, and nobody can be excused for it.
    public private(set) var lost = 0
    /// In the archive more than once, times beyond the first.
    public private(set) var doubled = 0
    /// Missing, but gone before anybody could have seen them, and the archive says so itself; see `isUnobservable`.
    public private(set) var unobservable = 0
    /// In the archive though no such state ever was: contents that were changed, above all.
    public private(set) var altered = 0
    /// Undone by a restore: may be in the archive or not.
    public private(set) var rolledBack = 0
    /// Of these, in the archive.
    public private(set) var rolledBackArchived = 0
    /// Kept aside by the collector as not to be archived; each is also lost.
    public private(set) var rejected = 0
    /// Gaps that the archive admits.
    public var gaps: Int { admitted.ranges.count }
    /// How long they are together, in seconds.
    public var gapSeconds: Double {
        Double(admitted.ranges.reduce(0) { $0 + $1.upperBound - $1.lowerBound }) / 1_000_000
    }
    let admitted: Gaps
    /// The first of what is lost.
    private(set) var firstLost: [Truth.State] = []
    /// Whether what was created last of all is there.
    private(set) var hasLast = false

    /// Nothing is lost, doubled or altered.
    public var isGood: Bool { lost == 0 && doubled == 0 && altered == 0 }

    init(_ truth: Truth, _ archived: Archived) {
        admitted = Gaps(archived.stretches)
        rejected = archived.rejected
        var known: Set<StateIdentity> = []
        known.reserveCapacity(truth.states.count)
        for state in truth.states {
            known.insert(state.identity)
            let count = archived.counts[state.identity] ?? 0
            doubled += max(0, count - 1)
            if state.isRolledBack {
                rolledBack += 1
                rolledBackArchived += min(count, 1)
                continue
            }
            created += 1
            hasLast = count > 0
            if count > 0 {
                self.archived += 1
            } else if Self.isUnobservable(state, admitted, truth.expirations) {
                unobservable += 1
            } else {
                lost += 1
                if firstLost.count < 10 { firstLost.append(state) }
            }
        }
        altered = archived.strangers + archived.counts.filter { !known.contains($0.key) }.reduce(0) { $0 + $1.value }
    }

    /// Whether nobody can have seen a state. Its time lies in a gap that the archive itself has recorded; within that
    /// gap a compaction or a restore took the version from the watch that it would have gone on from; and before the
    /// list that ended the gap, the state was changed again or deleted. A collector that misses something and says
    /// nothing is not excused, nor is one that has a gap without need.
    private static func isUnobservable(_ state: Truth.State, _ gaps: Gaps, _ expirations: [Int64]) -> Bool {
        guard let gap = gaps.gap(around: state.time), let end = state.supersededAt else { return false }
        return end < gap.upperBound && expirations.contains { gap.lowerBound < $0 && $0 < gap.upperBound }
    }
}

/// The times between stretches: what lies before the first and after the last is no gap but not watched at all.
struct Gaps: Sendable {
    /// From the end of one stretch to the begin of the next.
    let ranges: [Range<Int64>]

    init(_ stretches: [ClosedRange<Int64>]) {
        var ranges: [Range<Int64>] = []
        var end: Int64?
        // What counts is the union: two collectors write stretches that overlap.
        for stretch in stretches.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let end, stretch.lowerBound > end { ranges.append(end..<stretch.lowerBound) }
            end = max(end ?? stretch.upperBound, stretch.upperBound)
        }
        self.ranges = ranges
    }

    /// The gap that a time lies strictly within: what was accepted at the end of a stretch was brought.
    func gap(around time: Int64) -> Range<Int64>? { ranges.first { $0.lowerBound < time && time < $0.upperBound } }
}
