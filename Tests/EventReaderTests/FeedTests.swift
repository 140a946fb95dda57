import EventModel
import EventReader
import EventSchema
import EventWriter
import JSON
import Logging
import Postgres
import TestSupport
import Testing

@Suite("The feed of what was committed")
struct FeedTests {
    private var soon: ContinuousClock.Instant { TestArchive.soon }

    private func uids(_ page: FeedPage) throws -> [String] {
        try page.events.map { try JSONDocument(parsing: $0.json).root["metadata"]?["uid"]?.string ?? "" }
    }

    /// Everything behind a position, page by page.
    private func all(behind position: FeedPosition, in archive: TestArchive, limit: Int = 100) async throws -> [String]
    {
        var (found, end): ([String], FeedPosition) = ([], position)
        while true {
            let page = try await archive.reader.feed(after: end, limit: limit, deadline: soon)
            #expect(page.standing == .held)
            found += try uids(page)
            end = page.end
            if !page.hasMore { return found }
        }
    }

    @Test func whatIsInsertedIsToldOnceAndDuplicatesAreNot() async throws {
        let archive = try await TestArchive()
        let start = try await archive.reader.newestFeedPosition(deadline: soon)
        #expect(start != .origin)
        #expect(try await all(behind: start, in: archive).isEmpty)
        let writer = archive.writer(cluster: "c")
        let events = try (1...250).map { try Event.sample($0) }
        _ = try await writer.write(events, deadline: soon)
        _ = try await writer.write(events, deadline: soon)
        _ = try await writer.write([.sample(251, time: "2019-01-01T00:00:00Z")], deadline: soon)
        for limit in [1, 70, 1_000] {
            let found = try await all(behind: start, in: archive, limit: limit)
            #expect(found.count == 251 && Set(found) == Set((1...251).map { "uid-\($0)" }))
            #expect(found.last == "uid-251")
        }
        #expect(try await archive.value("SELECT count(*) FROM kee.feed") == "5")
        await archive.close()
    }

    @Test func anEventComesWithAllThatFiltersAskFor() async throws {
        let archive = try await TestArchive()
        let start = try await archive.reader.newestFeedPosition(deadline: soon)
        _ = try await archive.writer(cluster: "c").write(
            [
                .sample(
                    1,
                    namespace: "ns",
                    kind: "Deployment",
                    apiVersion: "apps/v1",
                    name: "web",
                    reason: "R",
                    type: "T"
                )
            ],
            deadline: soon
        )
        let page = try await archive.reader.feed(after: start, limit: 10, deadline: soon)
        let event = try #require(page.events.first)
        #expect(event.cluster == JSONText("c") && event.namespace == JSONText("ns"))
        #expect(event.kind == JSONText("Deployment") && event.apiVersion == JSONText("apps/v1"))
        #expect(event.reason == JSONText("R") && event.type == JSONText("T") && event.component == JSONText("kubelet"))
        #expect(event.name == Array("web".utf8) && event.message == Array("text".utf8))
        #expect(event.position == page.end)
        #expect(try await archive.reader.newestFeedPosition(deadline: soon) == page.end)
        let listed = try await archive.reader.page(EventQuery(.everything), limit: 1, deadline: soon)
        #expect(listed.items == event.json)
        await archive.close()
    }

    /// Two transactions: the one that began first is committed last. Its row comes first in the feed, and nothing that
    /// lies behind it is shown before it.
    @Test func aTransactionThatIsCommittedLateIsWaitedFor() async throws {
        let archive = try await TestArchive()
        let start = try await archive.reader.newestFeedPosition(deadline: soon)
        let writer = archive.writer(cluster: "c")
        _ = try await writer.write([.sample(1), .sample(2)], deadline: soon)
        try await archive.writing.withConnection(deadline: soon) { late in
            try await late.execute("BEGIN", deadline: soon)
            // As an insert of another collector that has got so far.
            try await late.execute(
                """
                WITH copied AS (
                    INSERT INTO kee.event SELECT ts - interval '1 minute', 77, rv, suffix, obj_rv, res, uid, obj_uid,
                        cluster_id, ns_id, kind_id, reason_id, type_id, source_id, field_path_id, first_d, created_d, count,
                        shape, 'late', message, extra, raw
                    FROM kee.event LIMIT 1 RETURNING ts, id
                ) INSERT INTO kee.feed (ts, id) SELECT array_agg(ts), array_agg(id) FROM copied
                """,
                deadline: soon
            )
            _ = try await writer.write([.sample(3)], deadline: soon)
            let before = try await archive.reader.feed(after: start, limit: 10, deadline: soon)
            #expect(try uids(before) == ["uid-1", "uid-2"])
            #expect(before.waiting != nil)
            #expect(try await archive.reader.newestFeedPosition(deadline: soon) == before.end)
            try await late.execute("COMMIT", deadline: soon)
            let after = try await archive.reader.feed(after: before.end, limit: 10, deadline: soon)
            #expect(after.events.map(\.name) == [Array("late".utf8), Array("web-1".utf8)])
            #expect(after.waiting == nil)
        }
        await archive.close()
    }

    /// Writers on all sides and one reader in the middle of them, which reads on from where it was each time.
    @Test func aReaderAmongManyWritersGetsEachEventOnce() async throws {
        let archive = try await TestArchive()
        let start = try await archive.reader.newestFeedPosition(deadline: soon)
        let (writers, events) = (4, 400)
        let found = try await withThrowingTaskGroup(of: [String].self) { group in
            for number in 0..<writers {
                group.addTask {
                    let writer = archive.writer(cluster: "c\(number)")
                    for first in stride(from: 0, to: events, by: 8) {
                        let batch = try (first..<first + 8).map { try Event.sample(number * events + $0) }
                        _ = try await writer.write(batch, deadline: .now + .seconds(60))
                    }
                    return []
                }
            }
            group.addTask {
                var (seen, end): ([String], FeedPosition) = ([], start)
                while seen.count < writers * events {
                    let page = try await archive.reader.feed(after: end, limit: 50, deadline: .now + .seconds(60))
                    seen += try page.events.map { event in
                        try JSONDocument(parsing: event.json).root["metadata"]?["uid"]?.string ?? ""
                    }
                    end = page.end
                }
                return seen
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(found.count == writers * events)
        #expect(Set(found) == Set((0..<writers * events).map { "uid-\($0)" }))
        await archive.close()
    }

    @Test func aPositionIsHeldLostOrAhead() async throws {
        let archive = try await TestArchive()
        let writer = archive.writer(cluster: "c")
        _ = try await writer.write([.sample(1)], deadline: soon)
        let first = try await archive.reader.newestFeedPosition(deadline: soon)
        _ = try await writer.write([.sample(2)], deadline: soon)
        let last = try await archive.reader.newestFeedPosition(deadline: soon)
        func position(_ base: FeedPosition, _ transactions: Int = 0, witness: Int64 = 0) -> FeedPosition {
            FeedPosition(
                transaction: UInt64(Int(base.transaction) + transactions),
                sequence: base.sequence,
                place: base.place,
                witness: base.witness + witness
            )
        }
        let positions = [
            first, last, position(first, witness: 1), position(last, witness: 1), position(first, -1),
            position(last, 5),
        ]
        let wanted: [FeedPage.Standing] = [.held, .held, .lost, .lost, .lost, .ahead]
        #expect(try await archive.reader.standing(of: positions, deadline: soon) == wanted)
        for (position, wanted) in zip(positions, wanted) {
            #expect(try await archive.reader.feed(after: position, limit: 5, deadline: soon).standing == wanted)
        }
        #expect(try await archive.reader.standing(of: [.origin], deadline: soon) == [.lost])
        await archive.close()
    }

    @Test func whatIsOlderThanAnHourIsPrunedUpToWhereATailMayStand() async throws {
        let archive = try await TestArchive()
        let writer = archive.writer(cluster: "c")
        for number in 1...3 { _ = try await writer.write([.sample(number)], deadline: soon) }
        let early = try await archive.reader.newestFeedPosition(deadline: soon)
        _ = try await writer.write([.sample(4)], deadline: soon)
        func prune() async throws -> Int {
            try await archive.writing.withConnection(deadline: soon) {
                try await EventFeed.prune(on: $0, deadline: soon)
            }
        }
        #expect(try await prune() == 0)
        try await archive.execute(
            "UPDATE kee.feed SET written_at = now() - interval '61 minutes' WHERE xid <= '\(early.transaction)'"
        )
        #expect(try await prune() == 4)
        #expect(try await archive.reader.standing(of: [early], deadline: soon) == [.lost])
        // The newest stays, whatever its age: whoever stands there has missed nothing.
        try await archive.execute("UPDATE kee.feed SET written_at = now() - interval '2 days'")
        #expect(try await prune() == 0)
        let newest = try await archive.reader.newestFeedPosition(deadline: soon)
        #expect(try await archive.reader.standing(of: [newest], deadline: soon) == [.held])
        // What a dump of another server brought along never happened here.
        try await archive.execute("INSERT INTO kee.feed (xid, ts, id) VALUES ('9000000000000', '{}', '{}')")
        _ = try await prune()
        #expect(try await archive.value("SELECT count(*) FROM kee.feed") == "1")
        await archive.close()
    }

    @Test func eventsOfARetiredMonthAreLeftOut() async throws {
        let archive = try await TestArchive()
        let start = try await archive.reader.newestFeedPosition(deadline: soon)
        _ = try await archive.writer(cluster: "c").write(
            [.sample(1, time: "2026-10-01T00:00:00Z"), .sample(2, time: "2026-11-01T00:00:00Z")],
            deadline: soon
        )
        try await archive.execute("DROP TABLE kee.event_202610")
        #expect(try await all(behind: start, in: archive) == ["uid-2"])
        await archive.close()
    }
}
