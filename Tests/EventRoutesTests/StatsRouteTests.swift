import Coverage
import EventModel
import EventWriter
import HTTPTypes
import HummingbirdTesting
import JSON
import NIOCore
import TestSupport
import Testing

@testable import EventReader
@testable import EventRoutes

@Suite("Numbers over time")
struct StatsRouteTests {
    private static let range = "since=1970-01-01T00:30:00Z&until=1970-01-01T03:00:00Z"

    private func served(_ rows: [(Int64, String?, Int64)]) throws -> ServedAPI<MemoryRepository> {
        let served = try ServedAPI(.filled(3))
        served.repository.change { state in
            state.rows = rows.map { ($0.0 * 3_600_000_000, $0.1, $0.2) }
            let stretches: [(Int64, Int64, CoverageStretch.Cause)] = [
                (0, 3_600, .first), (7_200, 4_102_444_800, .expired),
            ]
            state.coverage = ArchiveCoverage([
                "prod": CoverageLedger([
                    "": .init(
                        stretches.map {
                            CoverageStretch(since: $0.0 * 1_000_000, until: $0.1 * 1_000_000, cause: $0.2)
                        }
                    )
                ])
            ])
        }
        return served
    }

    @Test func theAnswerHasTheTimesOnceAndAsManyPointsInEachSeries() async throws {
        try await served([(0, "BackOff", 3), (2, "BackOff", 1), (1, "Pulled", 9), (2, nil, 2)]).run {
            client async throws in
            let answer = try await client.get("/stats/prod?by=reason&\(Self.range)")
            #expect(answer.status == .ok && answer.headers[.contentType] == "application/json")
            #expect(
                String(buffer: answer.body)
                    == #"{"kind":"EventStats","apiVersion":"kee/v1","metadata":{"by":"reason","bucket":"1h","#
                    + #""since":"1970-01-01T00:30:00Z","until":"1970-01-01T03:00:00Z","#
                    + #""gaps":[{"cluster":"prod","namespace":null,"from":"1970-01-01T01:00:00Z","#
                    + #""until":"1970-01-01T02:00:00Z","reason":"expired"}]},"#
                    + #""times":["1970-01-01T00:00:00Z","1970-01-01T01:00:00Z","1970-01-01T02:00:00Z"],"#
                    + #""series":[{"key":"Pulled","total":9,"points":[0,9,0]},"#
                    + #"{"key":"BackOff","total":4,"points":[3,0,1]},{"key":null,"total":2,"points":[0,0,2]}]}"# + "\n"
            )
        }
    }

    @Test func asCSVEveryPointIsALine() async throws {
        try await served([(0, "a,\"b\"\nc", 3), (2, "=1+1", 2), (1, nil, 7)]).run { client async throws in
            for accept in ["text/csv", "text/csv, */*;q=0.1"] {
                let answer = try await client.get("/stats?by=reason&\(Self.range)", accept: accept)
                #expect(answer.headers[.contentType] == "text/csv; charset=utf-8; header=present")
                let lines = String(buffer: answer.body).split(separator: "\r\n", omittingEmptySubsequences: false)
                #expect(
                    lines == [
                        "time,key,events", "1970-01-01T00:00:00Z,\"a,\"\"b\"\"\nc\",3", "1970-01-01T00:00:00Z,=1+1,0",
                        "1970-01-01T00:00:00Z,(other),0", "1970-01-01T01:00:00Z,\"a,\"\"b\"\"\nc\",0",
                        "1970-01-01T01:00:00Z,=1+1,0", "1970-01-01T01:00:00Z,(other),7",
                        "1970-01-01T02:00:00Z,\"a,\"\"b\"\"\nc\",0", "1970-01-01T02:00:00Z,=1+1,2",
                        "1970-01-01T02:00:00Z,(other),0", "",
                    ]
                )
            }
            #expect(try await client.get("/stats", accept: "text/event-stream").status == .notAcceptable)
        }
    }

    @Test func theThreePathsAndNoOther() async throws {
        let served = try ServedAPI()
        try await served.run { client async throws in
            for uri in ["/stats", "/stats/prod", "/stats/prod/sh%2Fop"] {
                #expect(try await client.get(uri).status == .ok)
            }
            for uri in ["/stats/", "/stats/prod/", "/stats//shop", "/stats/prod/shop/po", "/statsx"] {
                #expect(try await client.get(uri).status == .notFound)
            }
            #expect(try await client.get("/stats/nowhere").parameter == "cluster")
            #expect(try await client.get("/stats/%FF").parameter == "cluster")
            #expect(try await client.get("/stats/prod/%FF").parameter == "namespace")
            #expect(try await client.execute(uri: "/stats", method: .post).status == .methodNotAllowed)
            let head = try await client.execute(uri: "/stats", method: .head)
            #expect(head.status == .ok && head.body.readableBytes == 0)
        }
        #expect(
            served.repository.read { $0.counts.prefix(3).map(\.scope) } == [
                .everything, .cluster("prod"), .namespace(cluster: "prod", namespace: "sh/op"),
            ]
        )
    }

    @Test func theRouteIsLimitedAsTheOthersAre() async throws {
        try await ServedAPI(callsPerSecond: 0.001).run { client async throws in
            #expect(try await client.get("/stats", agent: "a").status == .ok)
            #expect(try await client.get("/stats", agent: "a").status == .tooManyRequests)
        }
    }

    @Test func numbersOfARealArchiveAreThoseOfTheInput() async throws {
        let archive = try await TestArchive()
        for (cluster, inputs) in Dictionary(grouping: ArchiveTests.inputs, by: \.cluster) {
            let writer = archive.writer(cluster: cluster)
            _ = try await writer.write(inputs.map { try $0.event }, deadline: TestArchive.soon)
        }
        try await ServedAPI(over: archive.reader).run { client async throws in
            let range = "since=2026-11-20T00:00:00Z&until=2026-11-21T00:00:00Z"
            let answer = try await client.get("/stats/blue/shop?by=reason&kind=po&kind=deploy&\(range)").json
            let expected = ArchiveTests.inputs.filter {
                $0.cluster == "blue" && $0.namespace == "shop" && ["Pod", "Deployment"].contains($0.kind)
            }
            let series = answer["series"]?.elements.map { $0 } ?? []
            #expect(Set(series.compactMap { $0["key"]?.string }) == Set(expected.map(\.reason)) && series.count > 1)
            for one in series {
                let key = one["key"]?.string ?? ""
                let hours = (0..<24).map { hour in
                    Int64(expected.filter { $0.reason == key && $0.second / 3_600 == hour }.count)
                }
                #expect(
                    one["points"]?.elements.compactMap(\.int64) == hours && one["total"]?.int64 == hours.reduce(0, +)
                )
            }
            let all = try await client.get("/stats?by=cluster&bucket=1d&\(range)").json
            #expect(all["series"]?.elements.compactMap { $0["total"]?.int64 } == [200, 200, 200])
            #expect(all["series"]?.elements.compactMap { $0["key"]?.string } == ["blue", "green", "red"])
            #expect(try await client.get("/stats/yellow").status == .notFound)
        }
        await archive.close()
    }
}
