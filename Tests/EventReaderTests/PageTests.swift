import Coverage
import EventModel
import EventWriter
import Postgres
import TestSupport
import Testing

@testable import EventReader

/// What a page tells besides its events, and where it ends.
@Suite("Pages")
struct PageTests {
    private var soon: ContinuousClock.Instant { TestArchive.soon }

    private func walk(_ query: EventQuery, _ limit: Int, _ archive: TestArchive) async throws -> [EventPage] {
        var pages: [EventPage] = []
        repeat {
            let cursor = pages.last?.next
            pages.append(try await archive.reader.page(query, after: cursor, limit: limit, deadline: soon))
        } while pages.last?.next != nil
        return pages
    }

    /// By the size of the message, by what jsonb holds in compressed form, and by what only `raw` holds.
    @Test(arguments: ["message", "annotation", "raw"])
    func aPageOfLargeEventsEndsEarly(where place: String) async throws {
        let archive = try await TestArchive()
        let large = String(repeating: "x", count: 300_000)
        let events = try (0..<100).map { number in
            let second = 10 + number % 50
            return try Event(
                json: """
                    {"metadata":{"name":"a","namespace":"n","uid":"u\(number)","resourceVersion":"1",
                    "annotations":{"a":"\(place == "annotation" ? large : "")"},
                    "creationTimestamp":"2026-11-21T02:\(10 + number / 50):\(second)Z"},"involvedObject":{"name":"w"},
                    "message":"\(place == "message" ? large : place == "raw" ? large + "\\u0000" : "")"}
                    """
            )
        }
        for start in stride(from: 0, to: 100, by: 10) {
            _ = try await archive.writer(cluster: "c").write(Array(events[start..<(start + 10)]), deadline: soon)
        }
        for (limit, order) in [(1000, EventQuery.Order.newestFirst), (60, .newestFirst), (100, .oldestFirst)] {
            var query = EventQuery(.everything)
            query.order = order
            let pages = try await walk(query, limit, archive)
            let uids = try pages.flatMap { try $0.events() }.map { $0["metadata"]?["uid"]?.string ?? "" }
            let expected = (0..<100).map { "u\($0)" }
            #expect(uids == (order == .oldestFirst ? expected : expected.reversed()))
            #expect(pages.allSatisfy { (1...30).contains($0.count) }, "\(pages.map(\.count))")
            #expect(pages.allSatisfy { $0.items.count < EventPage.byteBudget + 700_000 })
            #expect(pages.dropLast().allSatisfy { $0.items.count > EventPage.byteBudget / 2 })
        }
        await archive.close()
    }

    @Test func whatRemainsIsToldWithoutFiltersAndOnlyOfWhatMayBeSeen() async throws {
        let archive = try await TestArchive()
        _ = try await archive.writer(cluster: "c").write(
            (0..<50).map { try .sample($0, namespace: $0 < 30 ? "shop" : "secret", reason: $0 < 5 ? "A" : "B") },
            deadline: soon
        )
        #expect(try await walk(EventQuery(.everything), 20, archive).map(\.remaining) == [30, 10, nil])
        var query = EventQuery(.cluster("c"))
        query.visibility = .only(["c": .only(["shop", "nowhere"])])
        #expect(try await walk(query, 20, archive).map(\.remaining) == [10, nil])
        query.scope = .everything
        #expect(try await walk(query, 20, archive).map(\.remaining) == [10, nil])
        query.reasons = ["B"]
        #expect(try await walk(query, 20, archive).map(\.remaining) == [nil, nil])
        #expect(try await walk(query, 20, archive).map(\.count) == [20, 5])
        await archive.close()
    }

    @Test func whatMayNotBeSeenIsAsIfItWereNotThere() async throws {
        let archive = try await TestArchive()
        for cluster in ["mine", "theirs"] {
            _ = try await archive.writer(cluster: cluster).write(
                (0..<4).map { try .sample($0, namespace: $0 < 2 ? "shop" : "secret") },
                deadline: soon
            )
        }
        let mine = Visibility.only(["mine": .only(["shop"]), "absent": .all])
        func count(_ scope: EventQuery.Scope) async throws -> Int {
            var query = EventQuery(scope)
            query.visibility = mine
            return try await archive.reader.page(query, limit: 100, deadline: soon).count
        }
        #expect(try await count(.everything) == 2)
        #expect(try await count(.cluster("mine")) == 2)
        #expect(try await count(.namespace(cluster: "mine", namespace: "secret")) == 0)
        // Whether a cluster exists that may not be seen makes no difference.
        #expect(try await count(.cluster("theirs")) == 0)
        #expect(try await count(.cluster("nowhere")) == 0)
        for cluster in ["theirs", "nowhere"] {
            await #expect(throws: EventReaderError.unknownCluster(cluster)) {
                try await archive.reader.namespaces(of: cluster, visibility: mine, limit: 5, deadline: soon)
            }
            await #expect(throws: EventReaderError.unknownCluster(cluster)) {
                try await archive.reader.coverage(of: cluster, visibility: mine, deadline: soon)
            }
        }
        let clusters = try await archive.reader.clusters(visibility: mine, deadline: soon)
        #expect(clusters.map(\.name) == ["mine"] && clusters.map(\.events) == [2])
        #expect(try await archive.reader.newestOfEachCluster(5, visibility: mine, deadline: soon).count == 2)
        let nothing = try await archive.reader.newestOfEachCluster(5, visibility: .only([:]), deadline: soon)
        #expect(nothing.count == 0)
        await archive.close()
    }

    @Test func coverageIsCutToWhatMayBeSeen() {
        let stretch = CoverageStretch(since: 0, until: 10, cause: .first)
        let ledger = CoverageLedger(["": .init([stretch]), "shop": .init([stretch]), "secret": .init([stretch])])
        let apart = CoverageLedger(["shop": .init([stretch]), "secret": .init([stretch])])
        let all = ArchiveCoverage(["mine": ledger, "apart": apart, "theirs": ledger])
        #expect(all.visible(to: .everything) == all)
        let visible = all.visible(to: .only(["mine": .only(["shop"]), "apart": .only(["shop"])]))
        #expect(visible["theirs"] == nil)
        #expect(visible["mine"]?.scopes.map(\.namespace) == [nil, "shop"])
        #expect(visible["apart"]?.scopes.map(\.namespace) == ["shop"])
        #expect(all.visible(to: .only(["theirs": .all]))["theirs"] == ledger)
        // That a namespace is not watched, beside others that are, is known to those who may see it.
        let unwatched = all.visible(to: .only(["apart": .only(["other"])]))
        let gaps = unwatched.gaps(of: "apart", namespace: "other", in: CoverageRange(since: 0), now: 20)
        #expect(gaps.gaps.map(\.gap.reason) == [.notWatched])
        #expect(unwatched.gaps(of: nil, in: CoverageRange(since: 0), now: 20).isEmpty)
    }
}
