import EventModel
import HTTPTypes
import Testing

@testable import EventReader
@testable import EventRoutes

@Suite("Parameters of numbers over time")
struct StatsParametersTests {
    /// 2026-11-21T10:20:30Z.
    private static let now = Timestamp("2026-11-21T10:20:30Z")?.microseconds ?? 0

    private func question(_ query: String?, _ path: StatsPath = .everything) throws -> StatsQuery {
        let parameters = try StatsParameters(query: query, path: path)
        let kinds = parameters.kinds.map { KindCatalog.builtIn.kinds(for: $0) }
        return try parameters.question(path.scope, kinds: kinds, now: Self.now)
    }

    @Test func everythingAtOnce() throws {
        let query = try question(
            "by=reason&bucket=5m&since=2h&until=2026-11-21T10:00:00Z&top=3&type=Warning&reason=BackOff&reason=Failed"
                + "&kind=po&kind=gizmo&component=kubelet",
            .namespace(cluster: "c", namespace: "n")
        )
        #expect(query.scope == .namespace(cluster: "c", namespace: "n"))
        #expect(query.key == .reason && query.bucket == .fiveMinutes && query.top == 3)
        #expect(
            query.since == Self.now - 7_200_000_000 && query.until == Timestamp("2026-11-21T10:00:00Z")?.microseconds
        )
        #expect(
            query.types == ["Warning"] && query.reasons == ["BackOff", "Failed"] && query.components == ["kubelet"]
        )
        #expect(query.kinds == [KindReference(kind: "Pod"), KindReference(kind: "gizmo")])
    }

    @Test(arguments: [
        (nil, "2026-11-20T11:00:00Z", 24), ("bucket=1m", "2026-11-21T09:21:00Z", 60),
        ("bucket=5m", "2026-11-21T04:25:00Z", 72), ("bucket=1d", "2026-10-23T00:00:00Z", 30),
        ("until=2026-11-01T00:00:00Z", "2026-10-31T00:00:00Z", 24),
    ])
    func withoutSinceItBeginsWithAWholeBucket(query: String?, since: String, buckets: Int) throws {
        let question = try question(query)
        #expect(question.since == Timestamp(since)?.microseconds)
        #expect(question.bucketStarts.count == buckets && question.bucketStarts[0] == question.since)
        #expect(question.key == .type && question.top == 10)
    }

    @Test(arguments: [
        ("by=types", "by"), ("by=", "by"), ("by=Type", "by"), ("by=type&by=type", "by"), ("bucket=2h", "bucket"),
        ("bucket=1h&bucket=1h", "bucket"), ("top=0", "top"), ("top=101", "top"), ("top=%2B1", "top"),
        ("since=soon", "since"), ("since=1h&until=2h", "since"), ("since=2026-11-22T00:00:00Z", "since"),
        ("since=2026-11-21T10:20:30Z", "since"), ("until=later", "until"), ("type=", "type"), ("limit=1", "limit"),
        ("name=web-1", "name"), ("q=text", "q"), ("component=%00", "component"),
        ("bucket=1m&since=30d", "bucket"), ("since=100000h", "bucket"), ("bucket=1d&since=36525d", "bucket"),
        ("top=100&since=30d", "bucket"), ("bucket=1d&since=0001-01-01T00:00:00Z&until=9999-12-31T00:00:00Z", "bucket"),
    ])
    func whatIsWrongIsNamed(query: String, parameter: String) throws {
        let problem = #expect(throws: Problem.self) { _ = try question(query) }
        #expect(problem?.parameter == parameter && problem?.status == .badRequest)
    }

    @Test func theNearestNameIsSuggested() {
        let problem = #expect(throws: Problem.self) { _ = try question("buckt=1h") }
        #expect(problem?.detail.contains("'bucket'") == true)
    }

    @Test func anythingElseThanWhatThePathNamesCanBeCountedBy() throws {
        let cluster = StatsPath.cluster("c")
        let namespace = StatsPath.namespace(cluster: "c", namespace: "n")
        for key in StatsQuery.Key.allCases {
            #expect(try question("by=\(key.rawValue)").key == key)
            for (path, isRefused) in [(cluster, key == .cluster), (namespace, key == .cluster || key == .namespace)] {
                if isRefused {
                    let problem = #expect(throws: Problem.self) { _ = try question("by=\(key.rawValue)", path) }
                    #expect(problem?.parameter == "by")
                } else {
                    #expect(try question("by=\(key.rawValue)", path).key == key)
                }
            }
        }
    }

    /// As many as fit, and not one more.
    @Test func theNumberOfPointsIsBounded() throws {
        let fits = try question("top=4&bucket=1h&since=10000h&until=2026-11-21T10:00:00Z")
        #expect(fits.bucketStarts.count == 10_000)
        let problem = #expect(throws: Problem.self) {
            _ = try question("top=4&bucket=1h&since=10001h&until=2026-11-21T10:00:00Z")
        }
        #expect(problem?.parameter == "bucket" && problem?.detail.contains("10001 buckets of 1h") == true)
    }
}
