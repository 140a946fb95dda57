import EventModel
import EventSchema
import EventWriter
import Logging
import Postgres
import TestSupport
import Testing

@Suite struct MonthTests {
    private func month(_ text: String) throws -> EventMonth {
        EventMonth(microseconds: try #require(Timestamp(text)).microseconds)
    }

    @Test func monthsAreThoseOfUTC() throws {
        #expect(try month("2026-11-30T23:59:59.999999Z").partition == "event_202611")
        #expect(try month("2026-12-01T00:00:00Z").partition == "event_202612")
        #expect(try month("2026-12-01T01:00:00+02:00").partition == "event_202611")
        #expect(try month("1970-01-01T00:00:00Z").start == 0)
        #expect(try month("2026-12-15T00:00:00Z").advanced(by: 1) == month("2027-01-01T00:00:00Z"))
        #expect(EventMonth(partition: "event_202611") == (try month("2026-11-05T00:00:00Z")))
        #expect(EventMonth(partition: "event_202613") == nil)
        #expect(EventMonth(partition: "event_log") == nil)
        #expect(try !month("9999-01-01T00:00:00Z").isArchivable)
    }

    @Test func severalCreateTheSameMonthsAtOnce() async throws {
        let archive = try await TestArchive()
        let start = try month("2024-01-01T00:00:00Z")
        let months = Set((0..<12).map { start.advanced(by: $0) })
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 1...4 {
                group.addTask {
                    try await archive.writing.withConnection(deadline: TestArchive.soon) {
                        try await EventPartitions().ensure(months, on: $0, deadline: TestArchive.soon)
                    }
                }
            }
            try await group.waitForAll()
        }
        let existing = try await archive.writing.withConnection(deadline: TestArchive.soon) {
            try await EventPartitions.existing(on: $0, deadline: TestArchive.soon)
        }
        #expect(existing == months)
        await archive.close()
    }

    @Test func retentionDropsOnlyWhatIsOlder() async throws {
        let archive = try await TestArchive()
        let writer = archive.writer(cluster: "c")
        let times = ["2021-10-31T23:59:59Z", "2021-11-01T00:00:00Z", "2026-11-21T00:00:00Z"]
        _ = try await writer.write(times.enumerated().map { try .sample($0, time: $1) }, deadline: TestArchive.soon)
        try await archive.execute(
            """
            INSERT INTO kee.coverage SELECT cluster_id, '', s::timestamptz, u::timestamptz, 'expired' FROM kee.cluster,
            (VALUES ('2021-10-01 00:00Z', '2021-10-31 23:59Z'), ('2021-10-31 23:59:30Z', '2021-11-01 00:00Z'),
                ('2021-11-02 00:00Z', '2026-11-21 00:00Z')) v(s, u)
            """
        )
        let now = try #require(Timestamp("2026-11-21T12:00:00Z")).microseconds
        let retention = EventRetention(months: 60)
        let retired = try await archive.writing.withConnection(deadline: TestArchive.soon) {
            try await retention.retire(at: now, on: $0, logger: Logger(label: "test"), deadline: TestArchive.soon)
        }
        #expect(retired == [try month(times[0])])
        #expect(try await archive.value("SELECT count(*) FROM kee.event") == "2")
        #expect(try await archive.value("SELECT sum(events) FROM kee.tally") == "2")
        #expect(try await archive.value("SELECT to_regclass('kee.event_202110')") == "null")
        #expect(try await archive.value("SELECT min(until) = '2021-11-01 00:00Z' FROM kee.coverage") == "true")
        #expect(try await archive.value("SELECT count(*) FROM kee.coverage") == "2")

        // A writer that still remembers the month makes it again.
        let again = try await writer.write([.sample(7, time: times[0])], deadline: TestArchive.soon)
        #expect(again.stored == 1)
        await archive.close()
    }

    @Test func aDetachThatWasCutOffIsFinished() async throws {
        let archive = try await TestArchive()
        _ = try await archive.writer(cluster: "c").write(
            [.sample(1, time: "2020-01-01T00:00:00Z")],
            deadline: TestArchive.soon
        )
        // A reader holds the partition, so that the detach has to wait in its middle, and is cancelled there.
        try await archive.reading.withConnection(deadline: TestArchive.soon) { reader in
            try await reader.execute("BEGIN; SELECT * FROM kee.event", deadline: TestArchive.soon)
            try await archive.writing.withConnection(deadline: TestArchive.soon) { connection -> Void in
                // The server itself cuts it off, so that it is over when the error comes.
                try await connection.execute("SET statement_timeout = '2s'", deadline: TestArchive.soon)
                let error = await #expect(throws: PostgresError.self) {
                    try await connection.execute(
                        "ALTER TABLE kee.event DETACH PARTITION kee.event_202001 CONCURRENTLY",
                        deadline: TestArchive.soon
                    )
                }
                #expect(error?.sqlState == "57014")
                try await connection.execute("RESET statement_timeout", deadline: TestArchive.soon)
            }
            try await reader.execute("COMMIT", deadline: TestArchive.soon)
        }
        #expect(try await archive.value("SELECT count(*) FROM pg_inherits WHERE inhdetachpending") == "1")
        let now = try #require(Timestamp("2026-11-21T12:00:00Z")).microseconds
        let retired = try await archive.writing.withConnection(deadline: TestArchive.soon) {
            try await EventRetention(months: 60)
                .retire(at: now, on: $0, logger: Logger(label: "test"), deadline: TestArchive.soon)
        }
        #expect(retired.count == 1)
        #expect(try await archive.value("SELECT to_regclass('kee.event_202001')") == "null")
        await archive.close()
    }
}
