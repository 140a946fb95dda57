import Coverage
import EventWriter
import JSON
import Logging
import Spool
import TestSupport
import Testing

@testable import Archiving

@Suite("A collector goes on from the later of what is committed and what is spooled", .timeLimit(.minutes(5)))
struct ResumePositionsTests {
    private func positions(_ fixture: SinkFixture, file: CursorFile? = nil) -> ResumePositions {
        ResumePositions(
            cluster: "c",
            pool: fixture.pool,
            gate: fixture.gate,
            spool: fixture.spool,
            file: file,
            patience: .milliseconds(300),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    private func record(_ number: Int, namespace: String? = nil) -> SpoolRecord {
        SpoolRecord(namespace: namespace, position: SinkFixture.position(number), bodies: [])
    }

    @Test func nothingIsKnownAtFirst() async throws {
        let fixture = try await SinkFixture()
        #expect(try await positions(fixture).positions(of: [nil, "shop"]) == [nil, nil])
        try await fixture.close()
    }

    @Test func theSpoolCountsWhereItIsFurther() async throws {
        let fixture = try await SinkFixture()
        try await fixture.sink.deliver(SinkFixture.batch(1...10))
        #expect(try await positions(fixture).positions(of: [nil]) == [SinkFixture.position(10)])
        try await fixture.spool.append(record(5))
        #expect(try await positions(fixture).positions(of: [nil]) == [SinkFixture.position(10)])
        try await fixture.spool.append(record(30))
        try await fixture.spool.append(record(40, namespace: "shop"))
        #expect(
            try await positions(fixture).positions(of: [nil, "shop", "web"])
                == [SinkFixture.position(30), SinkFixture.position(40), nil]
        )
        try await fixture.close()
    }

    @Test func whileTheDatabaseIsAwayTheDiskIsAsked() async throws {
        let fixture = try await SinkFixture()
        try await fixture.server.stop(.immediate)
        try await fixture.spool.append(record(30))
        #expect(try await positions(fixture).positions(of: [nil]) == [SinkFixture.position(30)])
        let file = CursorFile(directory: fixture.folder.path, cluster: "c")
        file.note(["": SinkFixture.position(50), "shop": SinkFixture.position(7)])
        try await eventually("the file", ask: { await file.read().count }) { $0 == 2 }
        #expect(
            try await positions(fixture, file: file).positions(of: [nil, "shop"])
                == [SinkFixture.position(50), SinkFixture.position(7)]
        )
        try await fixture.close()
    }

    @Test func whereTheDiskKnowsNothingTheDatabaseIsWaitedFor() async throws {
        let fixture = try await SinkFixture()
        try await fixture.sink.deliver(SinkFixture.batch(1...10))
        try await fixture.server.stop(.immediate)
        let found = Observed<[WatchPosition?]?>(nil)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                let positions = try await positions(fixture).positions(of: [nil])
                found.change { $0 = positions }
            }
            try await fixture.server.start()
            try await found.wait { $0 != nil }
            group.cancelAll()
        }
        #expect(found.value == [SinkFixture.position(10)])
        try await fixture.close()
    }

    @Test func aFileThatWasCutOffOrIsAnothersSaysNothing() {
        let positions = ["": SinkFixture.position(50), "shop": SinkFixture.position(7)]
        let text = CursorFile.text(positions, of: "c")
        let cursors = CursorFile.cursors(in: text, of: "c")
        #expect(cursors.map(\.namespace) == [nil, "shop"])
        #expect(cursors.map(\.position) == [SinkFixture.position(50), SinkFixture.position(7)])
        for length in 0..<text.utf8.count {
            #expect(CursorFile.cursors(in: String(text.prefix(length)), of: "c") == [])
        }
        #expect(CursorFile.cursors(in: text, of: "d") == [])
    }
}
