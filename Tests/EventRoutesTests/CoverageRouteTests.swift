import Coverage
import EventSchema
import HTTPTypes
import HummingbirdTesting
import JSON
import NIOCore
import Testing

@testable import EventReader
@testable import EventRoutes

@Suite("Coverage in answers")
struct CoverageRouteTests {
    private static func stretch(
        _ seconds: ClosedRange<Int64>,
        _ cause: CoverageStretch.Cause = .expired
    ) -> CoverageStretch {
        CoverageStretch(since: seconds.lowerBound * 1_000_000, until: seconds.upperBound * 1_000_000, cause: cause)
    }

    /// Watched from the tenth second of 1970 until an hour from now, but for ten seconds and one event.
    private static var prod: CoverageLedger {
        let soon = WallClock.now / 1_000_000 + 3_600
        return CoverageLedger([
            "": .init([stretch(10...20, .first), stretch(30...40), stretch(40...soon, .unreadable)])
        ])
    }

    private func served(_ ledgers: [String: CoverageLedger], events: Int = 60) throws -> ServedAPI<MemoryRepository> {
        let served = try ServedAPI(.filled(events))
        served.repository.change { $0.coverage = ArchiveCoverage(ledgers) }
        return served
    }

    @Test func anAnswerTellsOfTheGapsInItsRange() async throws {
        try await served(["prod": Self.prod]).run { client async throws in
            let all = try await client.get("/events/prod?limit=1000")
            #expect(
                String(buffer: all.body).hasPrefix(
                    #"{"kind":"EventList","apiVersion":"v1","metadata":{"gaps":[{"cluster":"prod","namespace":null,"#
                        + #""from":"1970-01-01T00:00:20Z","until":"1970-01-01T00:00:30Z","reason":"expired"},"#
                        + #"{"cluster":"prod","namespace":null,"from":"1970-01-01T00:00:40Z","#
                        + #""until":"1970-01-01T00:00:40Z","reason":"unreadable"}]},"items":[{"#
                )
            )
            let part = try await client.get(
                "/events/prod/shop/po?since=1970-01-01T00:00:25.5Z&until=1970-01-01T00:00:40Z"
            )
            #expect(
                try part.gaps == [
                    "prod/shop 1970-01-01T00:00:25.500000Z 1970-01-01T00:00:30Z expired"
                ]
            )
            let before = try await client.get("/events/prod?since=1970-01-01T00:00:00Z&until=1970-01-01T00:00:09Z")
            #expect(try before.gaps == ["prod/ 1970-01-01T00:00:00Z 1970-01-01T00:00:09Z before_first_watch"])
        }
    }

    @Test(arguments: [
        "/events/prod?since=1970-01-01T00:00:30Z&until=1970-01-01T00:00:40Z", "/events/prod?since=15m",
        "/events/prod/shop/web-1?until=1970-01-01T00:00:20Z", "/events?since=15m",
    ])
    func withoutAGapNothingChanges(uri: String) async throws {
        let without = try await served([:]).run { String(buffer: try await $0.get(uri).body) }
        let with = try await served(["prod": Self.prod]).run { String(buffer: try await $0.get(uri).body) }
        #expect(with == without && without.contains(#""metadata":{}"#))
    }

    @Test func everyPageTellsOfTheGapsOfTheWholeRange() async throws {
        try await served(["prod": Self.prod]).run { client async throws in
            var uri: String? = "/events/prod?limit=7&since=1970-01-01T00:00:12Z&until=1970-01-01T00:00:35Z"
            var pages = 0
            while let next = uri {
                let page = try await client.get(next)
                #expect(try page.gaps == ["prod/ 1970-01-01T00:00:20Z 1970-01-01T00:00:30Z expired"])
                pages += 1
                uri = try page.token.map { "/events/prod?limit=7&continue=\($0)" }
            }
            #expect(pages == 4)
            let first = try await client.get("/events/prod?limit=5")
            let text = String(buffer: first.body)
            #expect(text.contains(#""metadata":{"continue":""#) && text.contains(#"","gaps":[{"cluster":"#))
            let second = try await client.get("/events/prod?limit=5&continue=\(try #require(try first.token))")
            #expect(try second.gaps == first.gaps && first.gaps.count == 2)
        }
    }

    @Test func allClustersTellOfTheirGapsByName() async throws {
        let lost = CoverageLedger(["": .init([Self.stretch(0...25, .first)])])
        try await served(["prod": Self.prod, "lost": lost]).run { client async throws in
            for uri in ["/events", "/events?perCluster=1", "/events?type=Normal"] {
                let gaps = try await client.get(uri).gaps
                #expect(gaps.count == 3 && gaps.first?.hasPrefix("prod/ ") == true)
                #expect(gaps.last == "lost/ 1970-01-01T00:00:25Z - not_watched_since")
            }
            #expect(
                try await client.get("/events?since=1970-01-01T00:01:00Z&type=Normal").gaps == [
                    "lost/ 1970-01-01T00:01:00Z - not_watched_since"
                ]
            )
        }
    }

    @Test func tooManyGapsAreCutAndThatIsSaid() async throws {
        let soon = WallClock.now / 1_000_000
        let stretches = (0..<Int64(150)).map { Self.stretch($0 * 10...($0 * 10 + 5)) } + [Self.stretch(1_500...soon)]
        try await served(["prod": CoverageLedger(["": .init(stretches)])]).run { client async throws in
            let list = try await client.get("/events/prod")
            #expect(try list.gaps.count == 100)
            #expect(try list.json["metadata"]?["gapsTruncated"]?.bool == true)
            let item = try await client.get("/clusters/prod/coverage").item
            #expect(item?["gaps"]?.elements.map { $0 }.count == 100 && item?["gapsTruncated"]?.bool == true)
            #expect(item?["stretches"]?.elements.map { $0 }.count == 100 && item?["stretchesTruncated"]?.bool == true)
        }
    }

    @Test func theRouteTellsStretchesAndGaps() async throws {
        let ledger = CoverageLedger(["": .init([Self.stretch(10...20, .first), Self.stretch(30...40)])])
        try await served(["prod": ledger]).run { client async throws in
            let all = String(buffer: try await client.get("/clusters/prod/coverage").body)
            #expect(
                all == #"{"kind":"CoverageList","apiVersion":"kee/v1","metadata":{},"items":[{"namespace":null,"#
                    + #""coveredUntil":"1970-01-01T00:00:40Z","stretches":[{"since":"1970-01-01T00:00:10Z","#
                    + #""until":"1970-01-01T00:00:20Z","cause":"first"},{"since":"1970-01-01T00:00:30Z","#
                    + #""until":"1970-01-01T00:00:40Z","cause":"expired"}],"gaps":[{"from":"1970-01-01T00:00:20Z","#
                    + #""until":"1970-01-01T00:00:30Z","reason":"expired"},{"from":"1970-01-01T00:00:40Z","#
                    + #""until":null,"reason":"not_watched_since"}]}]}"# + "\n"
            )
            let part = String(
                buffer: try await client.get(
                    "/clusters/prod/coverage?since=1970-01-01T00:00:05Z&until=1970-01-01T00:00:15Z&namespace=shop"
                ).body
            )
            #expect(
                part == #"{"kind":"CoverageList","apiVersion":"kee/v1","metadata":{},"items":[{"namespace":"shop","#
                    + #""coveredUntil":"1970-01-01T00:00:40Z","stretches":[{"since":"1970-01-01T00:00:10Z","#
                    + #""until":"1970-01-01T00:00:15Z","cause":"first"}],"gaps":[{"from":"1970-01-01T00:00:05Z","#
                    + #""until":"1970-01-01T00:00:10Z","reason":"before_first_watch"}]}]}"# + "\n"
            )
        }
    }

    @Test func namespacesThatAreWatchedOneByOneHaveAnItemEach() async throws {
        let soon = WallClock.now / 1_000_000
        let ledger = CoverageLedger([
            "shop": .init([Self.stretch(10...20, .first), Self.stretch(30...soon)]),
            "web": .init([Self.stretch(10...soon, .first)]),
        ])
        try await served(["prod": ledger]).run { client async throws in
            let items = try await client.get("/clusters/prod/coverage").json["items"]?.elements.map { $0 } ?? []
            #expect(items.map { $0["namespace"]?.string } == ["shop", "web"])
            #expect(try await client.get("/events/prod").gaps.map { $0.prefix(10) } == ["prod/shop "])
            #expect(try await client.get("/events/prod/web").gaps == [])
            #expect(
                try await client.get("/events/prod/kube-system?since=1970-01-01T00:00:00Z").gaps == [
                    "prod/kube-system 1970-01-01T00:00:00Z - not_watched"
                ]
            )
            let item = try await client.get("/clusters/prod/coverage?namespace=kube-system").item
            #expect(item?["namespace"]?.string == "kube-system" && item?["coveredUntil"]?.isNull == true)
        }
    }

    @Test func aClusterThatNobodyWatchedHasNoLedger() async throws {
        try await served([:]).run { client async throws in
            for uri in ["/clusters/prod/coverage", "/clusters/prod/coverage?namespace=shop&since=1h"] {
                #expect(
                    String(buffer: try await client.get(uri).body)
                        == #"{"kind":"CoverageList","apiVersion":"kee/v1","metadata":{},"items":[]}"# + "\n"
                )
            }
            #expect(try await client.get("/clusters/nowhere/coverage").status == .notFound)
            #expect(try await client.get("/clusters/prod/coverage", accept: "text/csv").status == .notAcceptable)
        }
    }

    @Test func theRouteIsLimitedAsTheOthersAre() async throws {
        let served = try ServedAPI(callsPerSecond: 0.001)
        try await served.run { client async throws in
            #expect(try await client.get("/clusters/prod/coverage", agent: "a").status == .ok)
            #expect(try await client.get("/clusters/prod/coverage", agent: "a").status == .tooManyRequests)
        }
    }
}

extension TestResponse {
    /// Each gap of a list's metadata as one line.
    fileprivate var gaps: [String] {
        get throws {
            try json["metadata"]?["gaps"]?.elements.map { gap in
                "\(gap["cluster"]?.string ?? "?")/\(gap["namespace"]?.string ?? "") \(gap["from"]?.string ?? "-") "
                    + "\(gap["until"]?.string ?? "-") \(gap["reason"]?.string ?? "?")"
            } ?? []
        }
    }

    /// The only item of a list.
    fileprivate var item: JSONValue? {
        get throws { try json["items"]?.elements.first { _ in true } }
    }
}
