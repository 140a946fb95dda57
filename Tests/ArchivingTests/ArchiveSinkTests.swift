import Coverage
import Postgres
import Spool
import TestSupport
import Testing
import Watch

@testable import Archiving

@Suite("What a watch delivers gets to safety", .timeLimit(.minutes(5)))
struct ArchiveSinkTests {
    @Test func rowsAndCursorGoStraightIntoTheArchive() async throws {
        let fixture = try await SinkFixture()
        try await fixture.sink.deliver(SinkFixture.batch(1...10))
        #expect(try await fixture.rows == 10)
        #expect(try await fixture.cursor == "10")
        #expect(fixture.spool.status.isEmpty)
        #expect(fixture.progress.lastAdvance != nil)
        try await fixture.close()
    }

    @Test func whileTheDatabaseIsAwayTheSpoolTakesThemInOrder() async throws {
        let fixture = try await SinkFixture()
        try await fixture.sink.deliver(SinkFixture.batch(1...10))
        try await fixture.server.stop(.immediate)
        for start in stride(from: 11, to: 211, by: 10) {
            try await fixture.sink.deliver(SinkFixture.batch(start...start + 9))
        }
        #expect(fixture.spool.status.records == 20)
        #expect(fixture.spool.lastPosition(namespace: nil) == SinkFixture.position(210))
        #expect(fixture.sink.status.problem(lastingFor: .zero) != nil)

        try await fixture.server.start()
        // What comes now is behind what is in the spool, not before it.
        try await fixture.sink.deliver(SinkFixture.batch(211...220))
        #expect(fixture.spool.status.records == 21)
        try await fixture.drained()
        #expect(try await fixture.rows == 220)
        #expect(try await fixture.cursor == "220")
        #expect(fixture.sink.status.problem(lastingFor: .zero) == nil)

        try await fixture.sink.deliver(SinkFixture.batch(221...230))
        #expect(fixture.spool.status.isEmpty)
        #expect(try await fixture.cursor == "230")
        try await fixture.close()
    }

    /// A commit that waits for a synchronous standby that is gone cannot be ended by statement_timeout.
    @Test func aCommitThatHangsIsGivenUpAndItsBatchSpooled() async throws {
        let fixture = try await SinkFixture()
        try await fixture.sink.deliver(SinkFixture.batch(1...10))
        try await fixture.server.withAdministration { connection in
            try await connection.execute(
                "ALTER SYSTEM SET synchronous_standby_names = 'nobody'",
                deadline: TestArchive.soon
            )
            try await connection.execute("SELECT pg_reload_conf()", deadline: TestArchive.soon)
        }
        try await eventually("the setting", ask: { try await fixture.standbys }) { $0 == "nobody" }
        try await within(.seconds(20), "the batch's way into the spool") {
            try await fixture.sink.deliver(SinkFixture.batch(11...20))
        }
        #expect(fixture.spool.status.records == 1)
        try await fixture.server.withAdministration { connection in
            // The administration's own commit would wait too.
            try await connection.execute("SET synchronous_commit = local", deadline: TestArchive.soon)
            try await connection.execute("ALTER SYSTEM RESET synchronous_standby_names", deadline: TestArchive.soon)
            try await connection.execute("SELECT pg_reload_conf()", deadline: TestArchive.soon)
        }
        try await fixture.drained()
        #expect(try await fixture.rows == 20)
        #expect(try await fixture.cursor == "20")
        try await fixture.close()
    }

    @Test func aFullSpoolHoldsTheWatchBackUntilThereIsRoom() async throws {
        let fixture = try await SinkFixture(maxBytes: 1 << 20)
        try await fixture.server.stop(.immediate)
        let delivered = Observed(0)
        let batches = 400
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for number in 0..<batches {
                    try await fixture.sink.deliver(SinkFixture.batch(number * 10 + 1...number * 10 + 10))
                    delivered.change { $0 += 1 }
                }
            }
            try await eventually("a full spool", ask: { fixture.sink.spoolStatus.problem(lastingFor: .zero) }) {
                $0?.contains("full") == true
            }
            #expect(delivered.value < batches)
            #expect(fixture.spool.status.bytes <= 1 << 20)
            try await fixture.server.start()
            group.addTask { try await fixture.drain.run() }
            try await delivered.wait { $0 == batches }
            try await eventually("all rows", ask: { try await fixture.rows }) { $0 == batches * 10 }
            #expect(fixture.sink.spoolStatus.problem(lastingFor: .zero) == nil)
            group.cancelAll()
        }
        #expect(try await fixture.cursor == "\(batches * 10)")
        try await fixture.close()
    }

    @Test func aBatchThatIsLargerThanTheSpoolTakesGoesThereInPieces() async throws {
        let fixture = try await SinkFixture(maxBytes: 256 << 10)
        try await fixture.server.stop(.immediate)
        // Some 400 bytes each, where the spool takes 192 KiB at once.
        async let delivery: Void = fixture.sink.deliver(SinkFixture.batch(1...600))
        try await eventually("the first piece", ask: { fixture.spool.status.records }) { $0 > 0 }
        #expect(fixture.spool.lastPosition(namespace: nil) == nil || fixture.spool.status.records > 1)
        try await fixture.server.start()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await fixture.drain.run() }
            try await eventually("all rows", ask: { try await fixture.rows }) { $0 == 600 }
            try await eventually("the cursor", ask: { try await fixture.cursor }) { $0 == "600" }
            group.cancelAll()
        }
        try await delivery
        try await fixture.close()
    }

    @Test func whatIsNoEventIsKeptAsideAndTheCursorGoesOn() async throws {
        let fixture = try await SinkFixture()
        let batch = try SinkFixture.batch(1...3)
        let odd = WatchBatch(
            namespace: nil,
            objects: batch.objects + [try EventModelSample.withoutTime],
            position: SinkFixture.position(4)
        )
        try await fixture.sink.deliver(odd)
        // The same through the spool.
        try await fixture.spool.append(SpoolRecord(odd))
        try await fixture.drained()
        #expect(try await fixture.rows == 3)
        #expect(try await fixture.cursor == "4")
        let kept = PostgresStatement("SELECT count(*) FROM kee.rejected_event")
        #expect(try await fixture.pool.query(kept, deadline: TestArchive.soon).int64(0, 0) == 2)
        try await fixture.close()
    }
}

extension SinkFixture {
    var standbys: String {
        get async throws {
            let setting = PostgresStatement("SELECT current_setting('synchronous_standby_names')")
            return try await pool.query(setting, deadline: TestArchive.soon).text(0, 0)
        }
    }
}
