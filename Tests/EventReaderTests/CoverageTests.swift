import Coverage
import EventModel
import EventSchema
import EventWriter
import Postgres
import TestSupport
import Testing

@testable import EventReader

@Suite("Coverage from a real database")
struct CoverageTests {
    private var soon: ContinuousClock.Instant { TestArchive.soon }

    private static func time(_ text: String) throws -> Int64 { try #require(Timestamp(text)).microseconds }

    /// An archive that knows the clusters `prod` and `replayed`.
    private func archive() async throws -> TestArchive {
        let archive = try await TestArchive()
        for cluster in ["prod", "replayed"] {
            _ = try await archive.writer(cluster: cluster).write([.sample(1)], deadline: soon)
        }
        return archive
    }

    private func insert(_ values: String..., into archive: TestArchive) async throws {
        for value in values {
            try await archive.execute(
                """
                INSERT INTO kee.coverage (cluster_id, namespace, since, until, cause)
                SELECT cluster_id, v.* FROM kee.cluster, LATERAL (VALUES (\(value))) v WHERE name = 'prod'
                """
            )
        }
    }

    @Test func rowsBecomeTheLedger() async throws {
        let archive = try await archive()
        try await insert(
            "'', '2026-01-01 00:00Z'::timestamptz, '2026-01-01 01:00Z'::timestamptz, 'first'",
            "'', '2026-01-01 02:00Z'::timestamptz, '2026-01-01 03:00:00.000001Z'::timestamptz, 'restored'",
            "'', '2026-01-01 04:00Z'::timestamptz, '2026-01-01 05:00Z'::timestamptz, 'from the future'",
            "'shop', '2026-01-01 00:30Z'::timestamptz, '2026-01-01 01:30Z'::timestamptz, 'first'",
            into: archive
        )
        let ledger = try await archive.reader.coverage(of: "prod", deadline: soon)
        let stretches = [
            CoverageStretch(
                since: try Self.time("2026-01-01T00:00:00Z"),
                until: try Self.time("2026-01-01T01:00:00Z"),
                cause: .first
            ),
            CoverageStretch(
                since: try Self.time("2026-01-01T02:00:00Z"),
                until: try Self.time("2026-01-01T03:00:00.000001Z"),
                cause: .restored
            ),
            CoverageStretch(
                since: try Self.time("2026-01-01T04:00:00Z"),
                until: try Self.time("2026-01-01T05:00:00Z"),
                cause: .first
            ),
        ]
        #expect(ledger.whole?.stretches == stretches)
        #expect(ledger.coverage(of: "shop")?.stretches.first?.until == (try Self.time("2026-01-01T01:30:00Z")))
        #expect(ledger.whole?.isTruncated == false)
        #expect(try await archive.reader.coverage(deadline: soon)["prod"] == ledger)
        await archive.close()
    }

    @Test func aClusterWithoutRowsHasNoLedgerAndAnUnknownOneIsAnError() async throws {
        let archive = try await archive()
        #expect(try await archive.reader.coverage(of: "replayed", deadline: soon).isEmpty)
        #expect(try await archive.reader.coverage(deadline: soon) == ArchiveCoverage())
        await #expect(throws: EventReaderError.unknownCluster("nowhere")) {
            try await archive.reader.coverage(of: "nowhere", deadline: soon)
        }
        await archive.close()
    }

    @Test func theNewestThousandOfEachNamespaceAreRead() async throws {
        let archive = try await archive()
        try await archive.execute(
            """
            INSERT INTO kee.coverage
            SELECT cluster_id, namespace, moment, moment + interval '1 minute', 'expired' FROM kee.cluster,
                (VALUES ('full', 1000), ('more', 1001)) n (namespace, count),
                LATERAL (SELECT timestamptz '2026-01-01 00:00Z' + place * interval '1 hour' AS moment
                    FROM generate_series(1, count) place) m
            WHERE name = 'prod'
            """
        )
        let ledger = try await archive.reader.coverage(of: "prod", deadline: soon)
        let (full, more) = (try #require(ledger.coverage(of: "full")), try #require(ledger.coverage(of: "more")))
        #expect(full.stretches.count == 1000 && !full.isTruncated)
        #expect(more.stretches.count == 1000 && more.isTruncated)
        #expect(more.stretches.first?.since == (try Self.time("2026-01-01T02:00:00Z")))
        await archive.close()
    }

    @Test func whatIsNewIsSeenAfterSomeSeconds() async throws {
        let archive = try await archive()
        #expect(try await archive.reader.coverage(deadline: soon)["prod"] == nil)
        try await insert("'', now(), now(), 'first'", into: archive)
        try await eventually("the row", ask: { try await archive.reader.coverage(deadline: TestArchive.soon)["prod"] })
        {
            $0 != nil
        }
        await archive.close()
    }

    @Test func oneReadsWhileTheOthersGoOnWithWhatThereIs() {
        let start = ContinuousClock.now
        let old = ArchiveCoverage()
        let new = ArchiveCoverage(["c": CoverageLedger(["": .init([.init(since: 0, until: 1, cause: .first)])])])
        var known = ReadByOne<ArchiveCoverage>()
        let age = Duration.seconds(5)
        #expect(known.valueOrTurn(within: age, at: start) == nil, "the first has to read")
        #expect(known.valueOrTurn(within: age, at: start) == nil, "and so has each until one has")
        known.remember(old, at: start)
        #expect(known.valueOrTurn(within: age, at: start + .seconds(4)) == old)
        #expect(known.valueOrTurn(within: age, at: start + .seconds(5)) == nil, "it is due: the first that asks reads")
        #expect(known.valueOrTurn(within: age, at: start + .seconds(6)) == old, "the others do not wait for it")
        known.remember(nil, at: start + .seconds(7))
        #expect(known.valueOrTurn(within: age, at: start + .seconds(7)) == nil, "it failed: the next tries")
        known.remember(new, at: start + .seconds(8))
        #expect(known.valueOrTurn(within: age, at: start + .seconds(12)) == new)
    }

    @Test func aDatabaseThatIsAwayIsToldAndTriedAgain() async throws {
        let archive = try await archive()
        try await archive.execute("ALTER TABLE kee.coverage RENAME TO gone")
        for _ in 0..<2 {
            await #expect(throws: EventReaderError.unavailable) { try await archive.reader.coverage(deadline: soon) }
        }
        try await archive.execute("ALTER TABLE kee.gone RENAME TO coverage")
        #expect(try await archive.reader.coverage(deadline: soon) == ArchiveCoverage())
        await archive.close()
    }
}
