import EventModel
import EventSchema
import TestSupport
import Testing

@testable import EventReader

@Suite("Which parts of a range come from where")
struct StatsRangesTests {
    private static func at(_ text: String) -> Int64 { Timestamp(text)?.microseconds ?? 0 }

    private func ranges(
        _ since: String,
        _ until: String,
        _ bucket: StatsQuery.Bucket = .hour,
        uncounted: Set<EventMonth> = []
    ) -> StatsRanges {
        StatsRanges(Self.at(since)..<Self.at(until), bucket: bucket, uncounted: uncounted)
    }

    private func range(_ since: String, _ until: String) -> Range<Int64> { Self.at(since)..<Self.at(until) }

    @Test func wholeHoursComeFromTheRollupAndTheEdgesFromTheEvents() {
        let found = ranges("2026-11-20T10:30:00Z", "2026-11-20T14:00:00.000001Z")
        #expect(found.rollup == [range("2026-11-20T11:00:00Z", "2026-11-20T14:00:00Z")])
        #expect(
            found.events == [
                range("2026-11-20T10:30:00Z", "2026-11-20T11:00:00Z"),
                range("2026-11-20T14:00:00Z", "2026-11-20T14:00:00.000001Z"),
            ]
        )
    }

    @Test func wholeHoursAloneNeedNoEvents() {
        let found = ranges("2026-11-20T10:00:00Z", "2026-11-22T10:00:00Z", .day)
        #expect(found.events.isEmpty && found.rollup == [range("2026-11-20T10:00:00Z", "2026-11-22T10:00:00Z")])
    }

    @Test(arguments: [StatsQuery.Bucket.minute, .fiveMinutes])
    func smallBucketsComeFromTheEvents(bucket: StatsQuery.Bucket) {
        let found = ranges("2026-11-20T10:00:00Z", "2026-11-20T14:00:00Z", bucket)
        #expect(found.rollup.isEmpty && found.events == [range("2026-11-20T10:00:00Z", "2026-11-20T14:00:00Z")])
    }

    @Test func aRangeWithoutAWholeHourComesFromTheEvents() {
        let found = ranges("2026-11-20T10:30:00Z", "2026-11-20T11:30:00Z")
        #expect(found.rollup.isEmpty && found.events == [range("2026-11-20T10:30:00Z", "2026-11-20T11:30:00Z")])
    }

    @Test func aMonthThatNobodyCountedComesFromTheEvents() throws {
        let october = try #require(EventMonth(partition: "event_202610"))
        let found = ranges("2026-09-20T10:30:00Z", "2026-12-01T00:00:00Z", uncounted: [october])
        #expect(
            found.rollup == [
                range("2026-09-20T11:00:00Z", "2026-10-01T00:00:00Z"),
                range("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"),
            ]
        )
        #expect(
            found.events == [
                range("2026-09-20T10:30:00Z", "2026-09-20T11:00:00Z"),
                range("2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z"),
            ]
        )
    }

    @Test func monthsThatNobodyCountedAreOneRange() throws {
        let months = try ["event_202609", "event_202610", "event_202612"].map {
            try #require(EventMonth(partition: $0))
        }
        let found = ranges("2026-09-20T10:30:00Z", "2026-11-02T00:00:00Z", uncounted: Set(months))
        #expect(found.events == [range("2026-09-20T10:30:00Z", "2026-11-01T00:00:00Z")])
        #expect(found.rollup == [range("2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z")])
    }

    /// A moment at a time, hours being minutes here would take too long: so many moments of each range.
    @Test func everyMomentIsCountedOnce() {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed of the ranges: \(seed)")
        var random = SplitMix64(state: seed)
        for _ in 1...2_000 {
            let bounds = (0..<2).map { _ in
                Int64.random(in: -200...2_000, using: &random) * 3_600_000_000 * 24
                    + Int64.random(in: 0...30, using: &random) * 600_000_000
            }
            let range = (bounds.min() ?? 0)..<(bounds.max() ?? 0)
            guard !range.isEmpty else { continue }
            let months = (0..<3).map { _ in EventMonth(microseconds: Int64.random(in: range, using: &random)) }
            let bucket = StatsQuery.Bucket.allCases.randomElement(using: &random) ?? .hour
            let found = StatsRanges(range, bucket: bucket, uncounted: Set(months))
            let all = (found.rollup + found.events).sorted { $0.lowerBound < $1.lowerBound }
            #expect(all.first?.lowerBound == range.lowerBound && all.last?.upperBound == range.upperBound)
            #expect(zip(all, all.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
            #expect(
                found.rollup.allSatisfy {
                    $0.lowerBound % StatsRanges.hour == 0 && $0.upperBound % StatsRanges.hour == 0
                }
            )
            for part in found.rollup {
                #expect(!months.contains { $0.start < part.upperBound && $0.advanced(by: 1).start > part.lowerBound })
            }
        }
    }

    @Test func bucketsBeginAtWholeOnesInUTC() {
        var query = StatsQuery(
            .everything,
            by: .type,
            bucket: .day,
            since: Self.at("2026-11-20T10:30:00Z"),
            until: Self.at("2026-11-22T00:00:00Z")
        )
        #expect(query.bucketStarts == [Self.at("2026-11-20T00:00:00Z"), Self.at("2026-11-21T00:00:00Z")])
        query.until += 1
        #expect(query.bucketStarts.last == Self.at("2026-11-22T00:00:00Z"))
        query.since = Self.at("1969-12-31T23:59:59Z")
        query.bucket = .hour
        #expect(query.bucketStarts.first == Self.at("1969-12-31T23:00:00Z"))
    }
}
