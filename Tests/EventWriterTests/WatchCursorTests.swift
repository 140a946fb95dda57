import Coverage
import EventModel
import EventWriter
import JSON
import Postgres
import TestSupport
import Testing

@Suite("Cursors are committed with the rows that they vouch for")
struct WatchCursorTests {
    private var soon: ContinuousClock.Instant { TestArchive.soon }

    private func cursor(
        _ version: String,
        in namespace: String? = nil,
        since: Int64 = 0,
        until: Int64,
        cause: CoverageStretch.Cause = .first
    ) -> WatchCursor {
        WatchCursor(
            namespace: namespace,
            position: WatchPosition(
                resourceVersion: version,
                stretch: CoverageStretch(since: since * 1_000_000, until: until * 1_000_000, cause: cause)
            )
        )
    }

    private func committed(_ archive: TestArchive) async throws -> [WatchCursor] {
        try await WatchCursor.committed(for: "c", in: archive.writing, deadline: soon)
    }

    @Test func theyReadBackAsTheyWereWritten() async throws {
        let archive = try await TestArchive()
        let writer = archive.writer(cluster: "c")
        #expect(try await committed(archive) == [])
        let cursors = [
            cursor("900", since: 10, until: 20, cause: .expired), cursor("901", in: "shop", since: 11, until: 21),
        ]
        #expect(try await writer.write([.sample(1)], cursors: cursors, deadline: soon).stored == 1)
        #expect(try await committed(archive) == cursors)
        #expect(try await WatchCursor.committed(for: "d", in: archive.writing, deadline: soon) == [])
        // Without any event, too: a quiet cluster moves its cursor.
        let moved = cursor("950", since: 10, until: 60, cause: .expired)
        #expect(try await writer.write([], cursors: [moved], deadline: soon) == .init())
        #expect(try await committed(archive) == [moved, cursors[1]])
        await archive.close()
    }

    /// The rows and the values that each must find: what supersedes what is `WatchPosition`'s rule.
    @Test(
        arguments: [
            ("800", 30, true), ("1000", 10, true), ("99", 10, false), ("899", 20, false), ("900", 20, false),
            ("10000000000000000000000", 20, true), ("abc", 20, false), ("abc", 21, true),
        ] as [(String, Int64, Bool)]
    )
    func aCursorIsNeverSetBack(version: String, until: Int64, moves: Bool) async throws {
        let archive = try await TestArchive()
        let writer = archive.writer(cluster: "c")
        let first = cursor("900", until: 20)
        let second = cursor(version, until: until)
        _ = try await writer.write([], cursors: [first], deadline: soon)
        _ = try await writer.write([], cursors: [second], deadline: soon)
        #expect(try await committed(archive) == [moves ? second : first])
        #expect(second.position.supersedes(first.position) == moves)
        await archive.close()
    }

    @Test func theLedgerKeepsEachStretchAndItsFurthestEnd() async throws {
        let archive = try await TestArchive()
        let writer = archive.writer(cluster: "c")
        for cursor in [
            cursor("1", since: 0, until: 10), cursor("2", since: 0, until: 30), cursor("2", since: 0, until: 20),
            cursor("9", since: 100, until: 110, cause: .expired), cursor("3", since: 0, until: 31),
        ] {
            _ = try await writer.write([], cursors: [cursor], deadline: soon)
        }
        let ledger = try await archive.value(
            """
            SELECT string_agg(extract(epoch FROM since)::int || '-' || extract(epoch FROM until)::int || ' ' || cause, ', '
                ORDER BY since) FROM kee.coverage
            """
        )
        #expect(ledger == "0-31 first, 100-110 expired")
        #expect(try await committed(archive).first?.position.resourceVersion == "9")
        await archive.close()
    }

    @Test func aBatchCanEndOneStretchAndBeginTheNext() async throws {
        let archive = try await TestArchive()
        let cursors = [
            cursor("2", since: 0, until: 30), cursor("7", in: "shop", since: 5, until: 6),
            cursor("9", since: 100, until: 110, cause: .expired),
        ]
        _ = try await archive.writer(cluster: "c").write([], cursors: cursors, deadline: soon)
        #expect(try await committed(archive) == [cursors[2], cursors[1]])
        let ledger = try await archive.value(
            "SELECT string_agg(extract(epoch FROM until)::int::text, ' ' ORDER BY namespace, since) FROM kee.coverage"
        )
        #expect(ledger == "30 110 6")
        await archive.close()
    }

    @Test func withRowsThatAreRefusedTheCursorWaitsForAllOthers() async throws {
        let archive = try await TestArchive()
        try await archive.execute(
            """
            CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF NEW.name = 'poison' THEN RAISE EXCEPTION 'no room for it' USING ERRCODE = '22000'; END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER refuse BEFORE INSERT ON kee.event FOR EACH ROW EXECUTE FUNCTION public.refuse();
            """
        )
        let events = try (0..<20).map { try Event.sample($0, name: $0 == 7 ? "poison" : "fine") }
        let outcome = try await archive.writer(cluster: "c").write(
            events,
            cursors: [cursor("20", until: 5)],
            deadline: soon
        )
        #expect(outcome.stored == 19 && outcome.rejected.map(\.index) == [7])
        #expect(try await committed(archive) == [cursor("20", until: 5)])
        #expect(
            try await archive.value(
                "SELECT convert_from(body, 'UTF8')::jsonb #>> '{involvedObject,name}' FROM kee.rejected_event"
            )
                == "poison"
        )
        await archive.close()
    }

    @Test func whenTheTransactionFailsNothingOfItIsThere() async throws {
        let archive = try await TestArchive()
        try await archive.execute(
            "ALTER TABLE kee.watch_cursor ADD CONSTRAINT not_here CHECK (resource_version <> '13')"
        )
        let writer = archive.writer(cluster: "c")
        let broken = RefusedEvent(body: [1], reason: "broken")
        await #expect(throws: PostgresError.self) {
            try await writer.write([.sample(1)], refused: [broken], cursors: [cursor("13", until: 5)], deadline: soon)
        }
        for table in ["event", "rejected_event", "watch_cursor", "coverage", "tally"] {
            #expect(try await archive.value("SELECT count(*) FROM kee.\(table)") == "0", "\(table)")
        }
        await archive.close()
    }
}
