import EventModel
import EventReader
import EventWriter
import Postgres
import TestSupport
import Testing

/// `view=latest`: which observation stands for an Event, and that all pages agree on it.
@Suite("The latest observation of each Event")
struct LatestTests {
    private var soon: ContinuousClock.Instant { TestArchive.soon }

    /// An observation: of which Event, when in the minute, and what it says.
    private func seen(
        _ event: Int,
        _ second: Int,
        version: Int,
        reason: String = "BackOff",
        uid: String? = nil
    ) throws -> Event {
        let time = "2026-11-21T02:\(10 + second / 60):\(10 + second % 60 % 50)Z"
        let uid = uid ?? "0f5a2f30-6f0b-4d0c-9d5e-0000000000\(10 + event)"
        let member = uid.isEmpty ? "" : #""uid":"\#(uid)","#
        return try Event(
            json: """
                {"metadata":{"name":"e\(event)","namespace":"shop",\(member)"resourceVersion":"\(version)",
                "creationTimestamp":"\(time)"},"involvedObject":{"kind":"Pod","namespace":"shop","name":"web"},
                "reason":"\(reason)","message":"\(version)","type":"Normal"}
                """
        )
    }

    private func write(_ events: [Event], to archive: TestArchive) async throws {
        _ = try await archive.writer(cluster: "c").write(events, deadline: soon)
    }

    private func latest(_ change: (inout EventQuery) -> Void = { _ in }) -> EventQuery {
        var query = EventQuery(.cluster("c"))
        query.view = .latest
        change(&query)
        return query
    }

    private func versions(_ query: EventQuery, _ archive: TestArchive) async throws -> [String] {
        let page = try await archive.reader.page(query, limit: 100, deadline: soon)
        return try page.events().map { $0["message"]?.string ?? "" }
    }

    @Test func filtersAreAppliedToTheLatestAndTheRangeDecidesWhichThatIs() async throws {
        let archive = try await TestArchive()
        try await write(
            [
                seen(1, 0, version: 1), seen(1, 10, version: 2, reason: "Started"), seen(2, 5, version: 3),
                seen(2, 20, version: 4), seen(3, 30, version: 5, uid: ""), seen(3, 31, version: 6, uid: ""),
                seen(4, 32, version: 7, uid: "other form"), seen(4, 33, version: 8, uid: "other form"),
            ],
            to: archive
        )
        #expect(try await versions(latest(), archive) == ["8", "6", "5", "4", "2"])
        #expect(try await versions(latest { $0.order = .oldestFirst }, archive) == ["2", "4", "5", "6", "8"])
        // The latest of the first Event is no BackOff any more: an older one that was does not stand in for it.
        #expect(try await versions(latest { $0.reasons = ["BackOff"] }, archive) == ["8", "6", "5", "4"])
        let second = try #require(Timestamp("2026-11-21T02:10:18Z")).microseconds
        #expect(try await versions(latest { $0.until = second }, archive) == ["3", "1"])
        #expect(try await versions(latest { $0.since = second }, archive) == ["8", "6", "5", "4", "2"])
        await archive.close()
    }

    /// Without the snapshot in the cursor the second page would lack an Event whose next observation came meanwhile.
    @Test(arguments: [EventQuery.Order.newestFirst, .oldestFirst])
    func whatArrivesBetweenTwoPagesChangesNothing(order: EventQuery.Order) async throws {
        let archive = try await TestArchive()
        try await write((0..<20).map { try seen($0, $0, version: $0 + 1) }, to: archive)
        let query = latest { $0.order = order }
        var cursor: EventCursor?
        var found: [String] = []
        var version = 100
        repeat {
            let page = try await archive.reader.page(query, after: cursor, limit: 3, deadline: soon)
            found += try page.events().map { $0["message"]?.string ?? "" }
            cursor = page.next
            // Each Event is seen again: now, and late, between what has been read and what has not.
            try await write(
                (0..<20).flatMap { event in
                    version += 2
                    return [
                        try seen(event, 100 + version, version: version),
                        try seen(event, event + 1, version: version + 1),
                    ]
                },
                to: archive
            )
        } while cursor != nil
        let expected = (1...20).map { "\($0)" }
        #expect(found == (order == .oldestFirst ? expected : expected.reversed()))
        await archive.close()
    }

    @Test func whatIsNotCommittedYetWhenPageOneIsReadIsOnNoPage() async throws {
        let archive = try await TestArchive()
        try await write((0..<6).map { try seen($0, $0, version: $0 + 1) }, to: archive)
        let page = try await archive.writing.withConnection(deadline: soon) { connection in
            // A copy of a row, in a transaction that is under way while page one is read.
            try await connection.execute(
                """
                BEGIN; INSERT INTO kee.event SELECT (jsonb_populate_record(e, jsonb_build_object(
                    'id', 7, 'ts', ts + interval '1 hour', 'message', 'late'))).* FROM kee.event e WHERE message = '1'
                """,
                deadline: soon
            )
            try await write([seen(9, 40, version: 10)], to: archive)
            let page = try await archive.reader.page(latest(), limit: 3, deadline: soon)
            try await connection.execute("COMMIT", deadline: soon)
            return page
        }
        #expect(page.next?.snapshot?.inProgress.count == 1)
        let next = try await archive.reader.page(latest(), after: page.next, limit: 100, deadline: soon)
        let both = try page.events() + next.events()
        #expect(both.map { $0["message"]?.string } == ["10", "6", "5", "4", "3", "2", "1"])
        #expect(try await versions(latest(), archive) == ["late", "10", "6", "5", "4", "3", "2"])
        await archive.close()
    }
}
