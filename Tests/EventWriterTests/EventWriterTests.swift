import EventModel
import EventReader
import EventWriter
import JSON
import Postgres
import TestSupport
import Testing

@Suite struct EventWriterTests {
    private var soon: ContinuousClock.Instant { TestArchive.soon }

    @Test func aSecondTimeEverythingIsADuplicate() async throws {
        let archive = try await TestArchive()
        let events = try (1...500).map { try Event.sample($0, namespace: "ns-\($0 % 7)", name: "pod-\($0 % 31)") }
        let writer = archive.writer(cluster: "c")
        #expect(try await writer.write(events, deadline: soon) == .init(stored: 500))
        #expect(try await writer.write(events, deadline: soon) == .init(duplicates: 500))
        // Another process knows nothing of what this one remembers.
        let other = archive.writer(cluster: "c")
        #expect(try await other.write(events + [.sample(501)], deadline: soon) == .init(stored: 1, duplicates: 500))
        // The same events of another cluster are other events.
        #expect(try await archive.writer(cluster: "d").write(events, deadline: soon).stored == 500)
        #expect(try await archive.value("SELECT sum(events) FROM kee.tally") == "1001")
        #expect(
            try await archive.value(
                """
                SELECT count(*) FROM kee.tally t FULL JOIN (
                    SELECT date_trunc('month', ts AT TIME ZONE 'UTC')::date AS month, ns_id, count(*) AS n, min(ts) AS lo,
                        max(ts) AS hi FROM kee.event GROUP BY 1, 2) e USING (month, ns_id)
                WHERE (t.events, t.first_ts, t.last_ts) IS DISTINCT FROM (e.n, e.lo, e.hi)
                """
            ) == "0"
        )
        await archive.close()
    }

    @Test func whatIsRememberedIsNotTrustedBehindANewConnection() async throws {
        let archive = try await TestArchive()
        let writer = archive.writer(cluster: "c")
        _ = try await writer.write([.sample(1, reason: "Lost")], deadline: soon)
        // As a standby that is promoted and never had the last rows; the connections to the old primary are gone.
        try await archive.execute(
            "TRUNCATE kee.event, kee.tally; DELETE FROM kee.reason; DROP TABLE kee.event_202611"
        )
        try await Self.endOtherSessions(of: archive)
        try await eventually(
            "a new session",
            ask: { try? await writer.write([.sample(2, reason: "Lost")], deadline: soon) }
        ) {
            $0 != nil
        }
        let reason = "SELECT r.name FROM kee.event JOIN kee.reason r USING (reason_id)"
        #expect(try await archive.value(reason) == "Lost")
        await archive.close()
    }

    private static func endOtherSessions(of archive: TestArchive) async throws {
        let session = try await PostgresConnection.connect(
            PostgresConfiguration(connectionString: archive.connectionString, applicationName: "tests"),
            deadline: TestArchive.soon
        )
        let others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        try await session.execute("SELECT pg_terminate_backend(pid) \(others)", deadline: TestArchive.soon)
        let count = PostgresStatement("SELECT count(*)::text \(others)")
        try await eventually(
            "their end",
            ask: { try await session.query(count, deadline: TestArchive.soon).text(0, 0) },
            until: { $0 == "0" }
        )
        await session.close()
    }

    @Test func ofTwoBodiesWithOneIdentityTheFirstStays() async throws {
        let archive = try await TestArchive()
        let writer = archive.writer(cluster: "c")
        let both = try [Event.sample(1, message: "first"), Event.sample(1, message: "second")]
        #expect(try await writer.write(both, deadline: soon) == .init(stored: 1, duplicates: 1))
        #expect(try await writer.write([.sample(1, message: "third")], deadline: soon) == .init(duplicates: 1))
        #expect(try await archive.value("SELECT message FROM kee.event") == "first")
        await archive.close()
    }

    @Test func writersOfTheSameEventsInOppositeOrderDoNotLoseAny() async throws {
        let archive = try await TestArchive()
        let events = try (1...3_000).map { number in
            try Event.sample(
                number,
                namespace: "ns-\(number % 50)",
                reason: "r-\(number % 40)",
                time: "2026-11-21T02:\(number % 50 + 10):00Z"
            )
        }
        let stored = try await withThrowingTaskGroup(of: Int.self) { group in
            for order in [events, events.reversed(), events.shuffled(), events.shuffled()] {
                group.addTask {
                    let writer = archive.writer(cluster: "c")
                    var stored = 0
                    for start in stride(from: 0, to: order.count, by: 500) {
                        stored += try await writer.write(Array(order[start..<(start + 500)]), deadline: soon).stored
                    }
                    return stored
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(stored == 3_000)
        #expect(try await archive.value("SELECT count(*) FROM kee.event") == "3000")
        #expect(try await archive.value("SELECT sum(events) FROM kee.tally") == "3000")
        await archive.close()
    }

    @Test func anEventThatTheDatabaseRefusesHoldsUpNoOther() async throws {
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
        var events = try (0..<100).map { try Event.sample($0) }
        events[13] = try .sample(13, name: "poison")
        events[77] = try .sample(77, name: "poison")
        let outcome = try await archive.writer(cluster: "c").write(events, deadline: soon)
        #expect(outcome.stored == 98 && outcome.duplicates == 0)
        #expect(outcome.rejected.map(\.index).sorted() == [13, 77])
        #expect(outcome.rejected.allSatisfy { $0.reason.contains("no room for it") })
        await archive.close()
    }

    @Test func monthsOutsideAnyArchiveAreRejectedAndTheRestIsKept() async throws {
        let archive = try await TestArchive()
        let events = try [
            Event.sample(1, time: "9999-01-01T00:00:00Z"), .sample(2), .sample(3, time: "0001-01-01T00:00:00Z"),
        ]
        let outcome = try await archive.writer(cluster: "c").write(events, deadline: soon)
        #expect(outcome.stored == 1)
        #expect(outcome.rejected.map(\.index) == [0, 2])
        await archive.close()
    }

    @Test func rejectedBodiesAreKeptAside() async throws {
        let archive = try await TestArchive()
        let broken = RefusedEvent(body: Array("{\"broken\"".utf8)[...], reason: "unexpected\0end")
        _ = try await archive.writer(cluster: "c").write([], refused: [broken], deadline: soon)
        #expect(
            try await archive.value("SELECT convert_from(body, 'UTF8') || reason FROM kee.rejected_event")
                == "{\"broken\"unexpectedend"
        )
        await archive.close()
    }

    @Test func oddEventsComeBackEqualThroughTheDatabase() async throws {
        let archive = try await TestArchive()
        let long = String(repeating: "ü\\n", count: 100_000)
        let time = #""lastTimestamp":"2026-11-21T00:00:00Z""#
        let texts = [
            #"{\#(time),"message":"nul \u0000 lone \ud800 pair \ud83d\ude00","metadata":{"uid":"1","resourceVersion":"1"}}"#,
            #"{\#(time),"message":"\#(long)","metadata":{"uid":"2","resourceVersion":"1"}}"#,
            #"{\#(time),"x":{"big":123456789012345678901234567890.0123456789,"exp":1e400,"zero":-0.0},"metadata":{}}"#,
            #"{\#(time),"x":{"big":123456789012345678901234567890.0123456789},"metadata":{"labels":{"a":null}},"series":{}}"#,
            #"{\#(time),"count":-5,"type":"Alarm","firstTimestamp":{},"eventTime":"9999-12-31T23:59:59.999999Z"}"#,
            #"{\#(time),"reason":"\u0000","involvedObject":{"kind":"\ud800","name":"\u0000"},"source":{"host":"\u0000"}}"#,
        ]
        let events = try texts.map { try Event(json: $0) }
        #expect(try await archive.writer(cluster: "c").write(events, deadline: soon).stored == texts.count)
        let page = try await archive.reader.page(EventQuery(.cluster("c")), limit: 100, deadline: soon)
        var found = try page.events()
        for event in events {
            var output = JSONOutput()
            output.write(event)
            output.truncate(to: output.count - 1)
            output.write(",\"cluster\":\"c\"}")
            let expected = try JSONDocument(parsing: output.bytes).root
            let place = found.firstIndex(of: expected)
            #expect(place != nil, "\(String(decoding: event.body.rawBytes.prefix(200), as: UTF8.self))")
            if let place { found.remove(at: place) }
        }
        #expect(found.isEmpty)
        await archive.close()
    }

    @Test func recordingsAndCorpusComeBackEqualThroughTheDatabase() async throws {
        let archive = try await TestArchive()
        for file in SampleFiles.all {
            let cluster = file.name
            var events: [Event] = []
            for root in try file.documents() {
                EventDocument.forEachItem(of: root["body"] ?? root) { item in
                    if case .success(let event) = item { events.append(event) }
                }
            }
            guard !events.isEmpty else { continue }
            var expected: [Int64: Event] = [:]
            for event in events {
                let id = EventIdentity.observation(event, cluster: cluster)
                expected[id] = expected[id] ?? event
            }
            #expect(try await archive.writer(cluster: cluster).write(events, deadline: soon).stored == expected.count)
            let page = try await archive.reader.page(EventQuery(.cluster(cluster)), limit: 20_000, deadline: soon)
            #expect(page.count == expected.count)
            for value in try page.events() {
                let event = try Event(value, isKnownEvent: true)
                let id = EventIdentity.observation(event, cluster: cluster)
                guard event.metadata?.uid?.string?.isEmpty == false, let original = expected[id] else { continue }
                var output = JSONOutput()
                output.write(original)
                output.truncate(to: output.count - 1)
                output.write(",\"cluster\":")
                output.write(string: cluster)
                output.write("}")
                #expect(try value == JSONDocument(parsing: output.bytes).root, "\(file.name)")
            }
        }
        await archive.close()
    }
}
