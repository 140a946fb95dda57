import EventModel
import EventReader
import EventSchema
import EventWriter
import JSON
import Logging
import Postgres
import TestSupport
import Testing

@Suite struct EventReaderTests {
    private var soon: ContinuousClock.Instant { TestArchive.soon }

    private func filled(_ history: SampleHistory) async throws -> TestArchive {
        let archive = try await TestArchive()
        for (cluster, entries) in Dictionary(grouping: history.entries, by: \.cluster) {
            let outcome = try await archive.writer(cluster: cluster).write(entries.map(\.event), deadline: soon)
            #expect(outcome.stored == entries.count)
        }
        return archive
    }

    private func uids(_ page: EventPage) throws -> [String] {
        let events = try page.events()
        #expect(events.count == page.count)
        return events.map { $0["metadata"]?["uid"]?.string ?? "" }
    }

    /// All pages of a question.
    private func all(_ query: EventQuery, of archive: TestArchive, limit: Int) async throws -> [String] {
        var found: [String] = []
        var cursor: EventCursor?
        repeat {
            let page = try await archive.reader.page(query, after: cursor, limit: limit, deadline: soon)
            found += try uids(page)
            cursor = page.next
            #expect(page.count == limit || cursor == nil)
        } while cursor != nil
        return found
    }

    @Test func randomQuestionsAreAnsweredAsALookAtEveryEventAnswersThem() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed of the questions: \(seed)")
        let history = try SampleHistory(count: 3_000, seed: seed)
        let archive = try await filled(history)
        var random = SplitMix64(state: seed)
        for _ in 1...200 {
            let query = Self.question(using: &random)
            let limit = [1, 7, 100, 1000].randomElement(using: &random) ?? 100
            let expected = history.answer(to: query)
            if expected.count > 60 * limit {
                let page = try await archive.reader.page(query, limit: limit, deadline: soon)
                #expect(try uids(page) == Array(expected.prefix(limit)), "\(query)")
            } else {
                #expect(try await all(query, of: archive, limit: limit) == expected, "\(query) limit \(limit)")
            }
        }
        await archive.close()
    }

    private static func question(using random: inout SplitMix64) -> EventQuery {
        func chance<Value>(_ values: [Value]) -> Value? {
            Int.random(in: 0..<3, using: &random) == 0 ? values.randomElement(using: &random) : nil
        }
        let clusters = ["blue", "green", "red"]
        let cluster = clusters.randomElement(using: &random) ?? ""
        var query = EventQuery(
            [.everything, .cluster(cluster), .namespace(cluster: cluster, namespace: "shop")]
                .randomElement(using: &random) ?? .everything
        )
        query.order = Bool.random(using: &random) ? .newestFirst : .oldestFirst
        query.types = chance([["Warning"], ["Normal", "Warning"], ["Alarm"]]) ?? []
        query.reasons = chance([["BackOff"], ["Killing", "Pulled"], ["Nothing"]]) ?? []
        query.kinds =
            chance([
                [KindReference(kind: "Deployment")], [KindReference(kind: "Deployment", group: "apps")],
                [KindReference(kind: "Pod", group: ""), KindReference(kind: "Node")], [KindReference(kind: "Gone")],
            ]) ?? []
        query.name = chance(["web-1", "web-4", "nobody"])
        let times = ["2026-09-15T00:00:30Z", "2026-10-01T00:00:00Z", "2026-11-14T00:00:20Z", "2026-12-01T00:00:00Z"]
        query.since = chance(times).flatMap { Timestamp($0)?.microseconds }
        query.until = chance(times).flatMap { Timestamp($0)?.microseconds }
        return query
    }

    @Test func pagingShowsEachEventOnceWhileOthersAreBeingInserted() async throws {
        let archive = try await TestArchive()
        let writer = archive.writer(cluster: "c")
        let first = try (0..<20_000).map {
            try Event.sample($0, time: "2026-11-\($0 % 18 + 10)T00:\($0 % 50 + 10):\($0 % 49 + 10)Z")
        }
        for start in stride(from: 0, to: first.count, by: 1_000) {
            _ = try await writer.write(Array(first[start..<(start + 1_000)]), deadline: soon)
        }
        var seen: [String: Int] = [:]
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // Older, newer and in between, until the reader is done.
                var number = 20_000
                while !Task.isCancelled {
                    let more = try (number..<(number + 50)).map {
                        try Event.sample(
                            $0,
                            time:
                                "2026-11-\($0 % 20 + 9 < 10 ? "0" : "")\($0 % 20 + 9)T00:\($0 % 50 + 10):\($0 % 49 + 10)Z"
                        )
                    }
                    _ = try await writer.write(more, deadline: soon)
                    number += 50
                }
            }
            var cursor: EventCursor?
            repeat {
                let page = try await archive.reader.page(
                    EventQuery(.cluster("c")),
                    after: cursor,
                    limit: 7,
                    deadline: soon
                )
                for uid in try uids(page) { seen[uid, default: 0] += 1 }
                cursor = page.next
            } while cursor != nil
            group.cancelAll()
        }
        #expect(seen.values.allSatisfy { $0 == 1 })
        #expect((0..<20_000).allSatisfy { seen["uid-\($0)"] == 1 })
        await archive.close()
    }

    @Test func newestOfEachClusterLooksBackAsFarAsItMust() async throws {
        let archive = try await TestArchive()
        _ = try await archive.writer(cluster: "alive").write(
            (0..<20).map { try .sample($0, time: "2026-11-21T00:00:\($0 + 10)Z") },
            deadline: soon
        )
        _ = try await archive.writer(cluster: "gone").write(
            (100..<103).map { try .sample($0, time: "2023-05-0\($0 - 99)T00:00:00Z") },
            deadline: soon
        )
        _ = try await archive.writer(cluster: "moved").write(
            [.sample(200, time: "2026-10-31T00:00:00Z"), .sample(201, time: "2026-11-21T00:00:29Z")],
            deadline: soon
        )
        let newest = try await archive.reader.newestOfEachCluster(2, deadline: soon)
        let expected = Set(["uid-19", "uid-201", "uid-18", "uid-200", "uid-102", "uid-101"])
        let found = try uids(newest)
        #expect(Set(found) == expected && found.count == 6)
        #expect(Array(found.suffix(3)) == ["uid-200", "uid-102", "uid-101"])
        let five = try await archive.reader.newestOfEachCluster(5, deadline: soon)
        #expect(five.count == 5 + 3 + 2)
        await archive.close()
    }

    @Test func clustersAndKindsAreKnown() async throws {
        let archive = try await TestArchive()
        #expect(try await archive.reader.clusters(deadline: soon) == [])
        #expect(try await archive.reader.newestOfEachCluster(5, deadline: soon).count == 0)
        _ = try await archive.writer(cluster: "b").write(
            [
                .sample(1, kind: "Certificate", apiVersion: "cert-manager.io/v1", time: "2026-01-01T00:00:00Z"),
                .sample(2, time: "2026-11-01T00:00:00Z"),
            ],
            deadline: soon
        )
        let clusters = try await archive.reader.clusters(deadline: soon)
        #expect(clusters.map(\.name) == ["b"] && clusters[0].events == 2)
        #expect(clusters[0].firstEvent == Timestamp("2026-01-01T00:00:00Z")?.microseconds)
        #expect(clusters[0].lastEvent == Timestamp("2026-11-01T00:00:00Z")?.microseconds)
        let kinds = try await EventReader(pool: archive.reading, logger: Logger(label: "test")).kinds(deadline: soon)
        #expect(
            Set(kinds) == [
                .init(apiVersion: "cert-manager.io/v1", kind: "Certificate"), .init(apiVersion: "v1", kind: "Pod"),
            ]
        )
        await archive.close()
    }

    @Test func anUnknownClusterIsAnErrorAndAnUnknownNamespaceIsEmpty() async throws {
        let archive = try await TestArchive()
        await #expect(throws: EventReaderError.unknownCluster("nowhere")) {
            try await archive.reader.page(EventQuery(.cluster("nowhere")), limit: 1, deadline: soon)
        }
        _ = try await archive.writer(cluster: "c").write([.sample(1)], deadline: soon)
        let page = try await archive.reader.page(
            EventQuery(.namespace(cluster: "c", namespace: "empty")),
            limit: 1,
            deadline: soon
        )
        #expect(page.count == 0 && page.next == nil)
        await archive.close()
    }

    @Test func aMonthThatIsRetiredUnderTheReaderIsNoError() async throws {
        let archive = try await TestArchive()
        _ = try await archive.writer(cluster: "c").write(
            [.sample(1, time: "2026-11-01T00:00:00Z"), .sample(2, time: "2026-10-01T00:00:00Z")],
            deadline: soon
        )
        #expect(try await all(EventQuery(.cluster("c")), of: archive, limit: 1) == ["uid-1", "uid-2"])
        try await archive.execute("DROP TABLE kee.event_202611")
        #expect(try await all(EventQuery(.cluster("c")), of: archive, limit: 1) == ["uid-2"])
        await archive.close()
    }

    @Test func withoutADatabaseTheArchiveIsUnavailable() async throws {
        let pool = PostgresPool(
            PostgresConfiguration(
                connectionString: "host=127.0.0.1 port=1",
                applicationName: "t",
                connectTimeout: .seconds(5),
                sessionSetup: []
            ),
            maxConnections: 1
        )
        let reader = EventReader(pool: pool, logger: Logger(label: "test"))
        await #expect(throws: EventReaderError.unavailable) { try await reader.clusters(deadline: soon) }
        #expect(await reader.healthProblem(deadline: soon) == "the database does not answer")
        await pool.shutdown()
    }
}
