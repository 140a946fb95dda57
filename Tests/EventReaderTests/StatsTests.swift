import EventModel
import EventWriter
import Logging
import Postgres
import TestSupport
import Testing

@testable import EventReader
@testable import EventSchema

@Suite("Numbers over time")
struct StatsTests {
    private var soon: ContinuousClock.Instant { TestArchive.soon }

    private static func at(_ text: String) -> Int64 { Timestamp(text)?.microseconds ?? 0 }

    private func write(_ history: CountedHistory, to archive: TestArchive, inBatchesOf size: Int) async throws {
        for (cluster, entries) in Dictionary(grouping: history.entries, by: \.cluster) {
            let writer = archive.writer(cluster: cluster)
            for start in stride(from: 0, to: entries.count, by: size) {
                let batch = entries[start..<min(start + size, entries.count)]
                _ = try await writer.write(batch.map(\.event), deadline: soon)
            }
        }
    }

    /// A question of which nothing is known but that it can be asked.
    private static func question(using random: inout SplitMix64) -> StatsQuery {
        func any<Value>(_ values: [Value]) -> Value { values[Int.random(in: 0..<values.count, using: &random)] }
        func chance<Value>(_ values: [[Value]]) -> [Value] {
            Int.random(in: 0..<3, using: &random) == 0 ? any(values) : []
        }
        let cluster = any(CountedHistory.clusters)
        let scope: EventQuery.Scope = any([
            .everything, .cluster(cluster),
            .namespace(cluster: cluster, namespace: any(CountedHistory.namespaces + ["nowhere"])),
        ])
        let start = at("2026-10-29T20:00:00Z")
        let bucket = any(StatsQuery.Bucket.allCases)
        // To the microsecond, to the minute, or to the hour.
        let unit = any([1, 60_000_000, 3_600_000_000] as [Int64])
        let length =
            Int64.random(in: 1...(bucket.length >= StatsRanges.hour ? 180 : 30), using: &random) * 3_600_000_000
        let since = (start + Int64.random(in: 0...(7 * 86_400_000_000), using: &random)).roundedDown(to: unit)
        let until = (since + length + Int64.random(in: 0..<3_600_000_000, using: &random)).roundedUp(to: unit)
        var query = StatsQuery(scope, by: any(StatsQuery.Key.allCases), bucket: bucket, since: since, until: until)
        query.top = any([1, 2, 3, 10, 100])
        query.types = chance([["Warning"], ["Normal", "Warning"], ["Alarm"]])
        query.reasons = chance([["BackOff"], ["Killing", "Pulled"], [""], ["Nothing"]])
        query.kinds = chance([
            [KindReference(kind: "Deployment")], [KindReference(kind: "Deployment", group: "apps")],
            [KindReference(kind: "Pod", group: ""), KindReference(kind: "Node")], [KindReference(kind: "Gone")],
        ])
        query.components = chance([["kubelet"], ["kubelet", "scheduler"], ["", "gone"], ["gone"]])
        query.visibility = any([
            .everything, .everything,
            .only(["blue": .all, "green": .only(["shop", "web", "gone"]), "gone": .all]),
            .only(["red": .only(["default"])]), .only(["red": .only([])]), .only([:]),
        ])
        return query
    }

    private func compare(
        _ archive: TestArchive,
        _ history: CountedHistory,
        questions: Int,
        seed: UInt64
    ) async throws {
        var random = SplitMix64(state: seed)
        var counted: Int64 = 0
        for _ in 1...questions {
            let query = Self.question(using: &random)
            let found = try await archive.reader.stats(query, deadline: soon)
            #expect(found == history.answer(to: query), "\(query)")
            counted += found.series.reduce(0) { $0 + $1.total }
        }
        // Questions that nothing answers prove nothing.
        #expect(counted > Int64(questions * 20))
    }

    @Test func randomQuestionsAreAnsweredAsALookAtEveryEventAnswersThem() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed of the numbers: \(seed)")
        let history = try CountedHistory(count: 4_000, seed: seed)
        let archive = try await TestArchive()
        try await write(history, to: archive, inBatchesOf: 700)
        // Once more: nothing of it counts.
        try await write(history, to: archive, inBatchesOf: 1_000)
        try await compare(archive, history, questions: 300, seed: seed)
        try await expectTheRollupToBeTheEvents(archive)
        await archive.close()
    }

    /// As an archive that is upgraded while older collectors write into it.
    @Test func whatWasWrittenBeforeThereWasARollupCountsAsWell() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed of the numbers: \(seed)")
        let history = try CountedHistory(count: 3_000, seed: seed)
        let archive = try await TestArchive()
        try await archive.execute(Self.removal)
        var (before, meanwhile) = (history, history)
        before.keep { $0 % 2 == 0 }
        meanwhile.keep { $0 % 2 == 1 }
        try await write(before, to: archive, inBatchesOf: 500)
        // The other half is being written while the schema is upgraded.
        try await withThrowingTaskGroup(of: Void.self) { [meanwhile] group in
            group.addTask { try await write(meanwhile, to: archive, inBatchesOf: 20) }
            group.addTask { try await archive.execute("BEGIN; \(Migration.rollup.sql); COMMIT") }
            try await group.waitForAll()
        }
        #expect(try await archive.value("SELECT count(*) FROM kee.uncounted_month") == "2")
        try await compare(archive, history, questions: 60, seed: seed)

        let now = Self.at("2026-11-01T00:00:00Z")
        let counted = try await archive.writing.withConnection(deadline: soon) { connection in
            try await EventRollup().count(at: now, on: connection, logger: Logger(label: "test"), deadline: soon)
        }
        #expect(counted.map(\.partition) == ["event_202611", "event_202610"])
        #expect(try await archive.value("SELECT count(*) FROM kee.uncounted_month") == "0")
        try await expectTheRollupToBeTheEvents(archive)
        let reader = EventReader(pool: archive.reading, logger: Logger(label: "test"))
        var random = SplitMix64(state: seed)
        for _ in 1...60 {
            let query = Self.question(using: &random)
            #expect(try await reader.stats(query, deadline: soon) == history.answer(to: query), "\(query)")
        }
        await archive.close()
    }

    @Test func aBusyMonthIsCountedWhenItIsOver() async throws {
        let archive = try await TestArchive()
        _ = try await archive.writer(cluster: "c").write(
            [.sample(1, time: "2026-11-21T10:05:00Z"), .sample(2, time: "2026-09-01T10:05:00Z")],
            deadline: soon
        )
        try await archive.execute(
            """
            INSERT INTO kee.uncounted_month SELECT month FROM kee.tally;
            UPDATE kee.tally SET events = \(EventRollup.largestLiveMonth)
            """
        )
        for (now, counted) in [("2026-11-30T23:59:59Z", "event_202609"), ("2026-12-01T00:00:00Z", "event_202611")] {
            let months = try await archive.writing.withConnection(deadline: soon) { connection in
                try await EventRollup().count(
                    at: Self.at(now),
                    on: connection,
                    logger: Logger(label: "test"),
                    deadline: soon
                )
            }
            #expect(months.map(\.partition) == [counted])
        }
        try await expectTheRollupToBeTheEvents(archive)
        await archive.close()
    }

    /// Back to what version 3 was.
    private static let removal = """
        DROP TRIGGER count_hours ON kee.event; DROP TRIGGER name_components ON kee.source;
        DROP FUNCTION kee.count_hours, kee.name_components, kee.component_name;
        DROP TABLE kee.component, kee.source_component, kee.namespace_hour, kee.cluster_hour, kee.uncounted_month;
        """

    @Test func severalWritersOfTheSameEventsCountEachOnce() async throws {
        let history = try CountedHistory(count: 2_000, seed: 7)
        let archive = try await TestArchive()
        let events = history.entries.map(\.event)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for order in [events, events.reversed(), events.shuffled(), events.shuffled()] {
                group.addTask {
                    let writer = archive.writer(cluster: "one")
                    for start in stride(from: 0, to: order.count, by: 250) {
                        _ = try await writer.write(Array(order[start..<(start + 250)]), deadline: soon)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await archive.value("SELECT sum(events) FROM kee.cluster_hour") == "2000")
        try await expectTheRollupToBeTheEvents(archive)
        await archive.close()
    }

    @Test func anEventThatComesLateIsInItsHour() async throws {
        let archive = try await TestArchive()
        let writer = archive.writer(cluster: "c")
        _ = try await writer.write([.sample(1, time: "2026-11-21T10:05:00Z")], deadline: soon)
        _ = try await writer.write([.sample(2, time: "2026-09-01T10:05:00Z")], deadline: soon)
        _ = try await writer.write([.sample(3, time: "2026-11-21T09:59:59Z")], deadline: soon)
        let query = StatsQuery(
            .cluster("c"),
            by: .reason,
            bucket: .hour,
            since: Self.at("2026-11-21T09:00:00Z"),
            until: Self.at("2026-11-21T12:00:00Z")
        )
        let stats = try await archive.reader.stats(query, deadline: soon)
        #expect(stats.series == [EventStats.Series(key: "BackOff", total: 2, points: [1, 1, 0])])
        await archive.close()
    }

    @Test func aRetiredMonthTakesItsNumbersWithIt() async throws {
        let archive = try await TestArchive()
        let writer = archive.writer(cluster: "c")
        _ = try await writer.write(
            [.sample(1, time: "2026-11-21T10:05:00Z"), .sample(2, time: "2026-09-01T10:05:00Z")],
            deadline: soon
        )
        try await archive.writing.withConnection(deadline: soon) { connection in
            _ = try await EventRetention(months: 1).retire(
                at: Self.at("2026-11-21T10:05:00Z"),
                on: connection,
                logger: Logger(label: "test"),
                deadline: soon
            )
        }
        #expect(try await archive.value("SELECT sum(events) FROM kee.cluster_hour") == "1")
        try await expectTheRollupToBeTheEvents(archive)
        await archive.close()
    }

    @Test func whatMayNotBeSeenIsAsIfItWereNotThere() async throws {
        let archive = try await TestArchive()
        _ = try await archive.writer(cluster: "c").write([.sample(1)], deadline: soon)
        for scope in [
            EventQuery.Scope.cluster("c"), .cluster("nowhere"), .namespace(cluster: "c", namespace: "shop"),
            .namespace(cluster: "nowhere", namespace: "shop"),
        ] {
            var query = StatsQuery(scope, by: .type, bucket: .day, since: 0, until: Self.at("2027-01-01T00:00:00Z"))
            query.visibility = .only(["d": .all])
            #expect(try await archive.reader.stats(query, deadline: soon).series.isEmpty)
        }
        let query = StatsQuery(.cluster("nowhere"), by: .type, bucket: .day, since: 0, until: 1)
        await #expect(throws: EventReaderError.unknownCluster("nowhere")) {
            try await archive.reader.stats(query, deadline: soon)
        }
        await archive.close()
    }

    /// Both tables hold exactly what counting all events gives.
    private func expectTheRollupToBeTheEvents(_ archive: TestArchive) async throws {
        for (table, place) in [("namespace_hour", "ns_id"), ("cluster_hour", "cluster_id")] {
            #expect(
                try await archive.value(
                    """
                    SELECT count(*) FROM kee.\(table) h FULL JOIN (
                        SELECT date_trunc('hour', ts, 'UTC') AS hour, \(place), kind_id, reason_id, type_id, c.component_id,
                            count(*) AS n
                        FROM kee.event JOIN kee.source s USING (source_id)
                        JOIN kee.component c ON c.name = coalesce(nullif(s.component, ''), s.reporting_component)
                        GROUP BY 1, 2, 3, 4, 5, 6
                    ) e USING (hour, \(place), kind_id, reason_id, type_id, component_id)
                    WHERE h.events IS DISTINCT FROM e.n
                    """
                ) == "0"
            )
        }
    }
}
