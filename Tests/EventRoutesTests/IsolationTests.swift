import Access
import EventModel
import EventReader
import EventWriter
import HTTPTypes
import HummingbirdTesting
import Logging
import NIOCore
import TestSupport
import Testing

@testable import EventRoutes

/// Somebody who may see one namespace gets, from an archive with much else in it, byte for byte what they get from one
/// that holds nothing but that namespace. So nothing of the rest shows: by no route, filter, cursor, count or error.
@Suite("What is not visible is not there", .timeLimit(.minutes(5)))
struct IsolationTests {
    /// What to ask of a route. A route that is not here does not compile: think of what it could tell of others.
    private static func questions(_ route: Route) -> [String] {
        switch route {
        case .events: withFilters("/events") + ["/events?perCluster=1", "/events?perCluster=100"]
        case .cluster: places.flatMap { withFilters("/events/\($0.cluster)") }
        case .namespace: places.flatMap { withFilters("/events/\($0.cluster)/\($0.namespace)") }
        case .resource:
            places.flatMap { place in
                ["pod", "web-a", "web-b", "secretkinds"].map { "/events/\(place.cluster)/\(place.namespace)/\($0)" }
            }
        case .object:
            places.flatMap { place in
                ["pod/web-a", "pod/web-b", "secretkinds/web-b"].map {
                    "/events/\(place.cluster)/\(place.namespace)/\($0)"
                }
            }
        case .clusters: ["/clusters"]
        case .namespaces:
            places.flatMap { place in ["", "?limit=1"].map { "/clusters/\(place.cluster)/namespaces\($0)" } }
        case .coverage:
            places.flatMap { place in
                ["", "?namespace=\(place.namespace)", "?since=2026-11-20T00:00:00Z"].map {
                    "/clusters/\(place.cluster)/coverage\($0)"
                }
            }
        case .openapi, .docs, .livez, .readyz: ["\(route.rawValue)"]
        }
    }

    private struct Place {
        let cluster: String
        let namespace: String
    }

    /// What may be seen, what may not, and what does not exist in either archive.
    private static let places = [
        Place(cluster: "shared", namespace: "mine"), Place(cluster: "shared", namespace: "theirs"),
        Place(cluster: "foreign", namespace: "mine"), Place(cluster: "foreign", namespace: "theirs"),
        Place(cluster: "nowhere", namespace: "mine"), Place(cluster: "shared", namespace: "nothing"),
    ]

    private static func withFilters(_ path: String) -> [String] {
        [
            "", "?limit=1", "?limit=3", "?limit=1000", "?limit=1000&order=asc", "?type=Warning", "?type=Secret",
            "?reason=SecretReason", "?reason=Started&reason=SecretReason", "?kind=SecretKind", "?kind=pod",
            "?name=web-b", "?name=web-a", "?component=secret-component", "?q=secret", "?q=text", "?view=latest",
            "?since=2026-11-20T00:00:00Z", "?until=2026-11-20T00:00:30Z&limit=2", "?since=2026-11-20T00:01:00Z",
            "?limit=2&order=asc&kind=SecretKind&kind=Pod", "?continue=abc", "?secret=1", "?limit=0",
        ].map { path + $0 }
    }

    private static func events(_ numbers: Range<Int>, _ namespace: String, secret: Bool) throws -> [Event] {
        try numbers.map { number in
            try Event.sample(
                number,
                namespace: namespace,
                kind: secret && number.isMultiple(of: 2) ? "SecretKind" : "Pod",
                apiVersion: secret && number.isMultiple(of: 2) ? "secret.example.com/v1" : "v1",
                name: secret ? "web-b" : "web-a",
                reason: secret && number.isMultiple(of: 3) ? "SecretReason" : "Started",
                type: secret && number.isMultiple(of: 5) ? "Secret" : "Normal",
                // Among each other in time.
                time: "2026-11-20T00:0\(number % 2):\(10 + number * 7 % 50)Z",
                message: secret ? "a secret" : "text"
            )
        }
    }

    private static func archive(withOthers: Bool) async throws -> TestArchive {
        let archive = try await TestArchive()
        let shared = archive.writer(cluster: "shared")
        if withOthers {
            _ = try await archive.writer(cluster: "foreign").write(
                events(200..<230, "mine", secret: true) + events(230..<260, "theirs", secret: true),
                deadline: TestArchive.soon
            )
            _ = try await shared.write(events(100..<160, "theirs", secret: true), deadline: TestArchive.soon)
        }
        _ = try await shared.write(events(0..<20, "mine", secret: false), deadline: TestArchive.soon)
        // Both archives are watched as a whole; the secret namespaces by themselves, with gaps of their own.
        try await archive.execute(
            """
            INSERT INTO kee.coverage SELECT cluster_id, '', '2026-11-20 00:00Z', '2199-01-01 00:00Z', 'first'
            FROM kee.cluster WHERE name = 'shared';
            """
                + (withOthers
                    ? """
                    INSERT INTO kee.coverage SELECT cluster_id, 'theirs', s::timestamptz, u::timestamptz, c FROM kee.cluster,
                    (VALUES ('2026-11-20 00:00Z', '2026-11-20 01:00Z', 'first'),
                        ('2026-11-20 02:00Z', '2199-01-01 00:00Z', 'expired')) v (s, u, c)
                    """ : "")
        )
        return archive
    }

    private struct Answer: Equatable {
        let status: HTTPResponse.Status
        let fields: [String]
        let body: String

        init(_ response: TestResponse) {
            status = response.status
            fields = response.headers.filter { $0.name != .date }.map { "\($0.name): \($0.value)" }.sorted()
            body = String(buffer: response.body)
        }
    }

    private static func ask(
        _ client: any TestClientProtocol,
        _ uri: String,
        _ token: String,
        _ method: HTTPRequest.Method = .get
    ) async throws -> Answer {
        Answer(try await client.execute(uri: uri, method: method, headers: [.authorization: "Bearer \(token)"]))
    }

    private struct Tokens {
        let mine: NewToken
        let all: NewToken

        init() throws {
            mine = try NewToken(name: "mine", grants: ["shared/mine"])
            all = try NewToken(name: "all", grants: ["*"])
        }

        var access: AccessControl {
            get async throws {
                let folder = try TemporaryDirectory()
                var settings = AccessSettings(modes: [.token])
                settings.tokenFile = try folder.write("\(mine.line)\n\(all.line)\n".utf8, to: "tokens")
                return try await AccessControl.build(settings, version: "1", logger: Logger(label: "test")) { _, _, _ in
                    []
                }
            }
        }
    }

    @Test func anArchiveWithOthersInItAnswersAsOneWithout() async throws {
        let tokens = try Tokens()
        let (full, alone) = (try await Self.archive(withOthers: true), try await Self.archive(withOthers: false))
        var (fullAPI, aloneAPI) = (try ServedAPI(over: full.reader), try ServedAPI(over: alone.reader))
        fullAPI.settings.access = try await tokens.access
        aloneAPI.settings.access = try await tokens.access
        let other = aloneAPI
        try await fullAPI.run { full async throws in
            try await other.run { alone async throws in
                for route in Route.allCases {
                    var somethingIsHidden = false
                    for uri in Self.questions(route) {
                        for method in [HTTPRequest.Method.get, .head] {
                            let answer = try await Self.ask(full, uri, tokens.mine.token, method)
                            let expected = try await Self.ask(alone, uri, tokens.mine.token, method)
                            #expect(answer == expected, "\(method) \(uri)")
                            #expect(answer.status.code < 500, "\(uri): \(answer.body)")
                        }
                        let all = try await Self.ask(full, uri, tokens.all.token)
                        let unlimited = try await Self.ask(alone, uri, tokens.all.token)
                        somethingIsHidden = somethingIsHidden || all != unlimited
                    }
                    // Otherwise these questions could not find anything out.
                    #expect(somethingIsHidden == route.needsAccess, "\(route)")
                }
            }
        }
        await full.close()
        await alone.close()
    }

    @Test func aCursorOfSomebodyElseShowsOnlyOnesOwn() async throws {
        let tokens = try Tokens()
        let (full, alone) = (try await Self.archive(withOthers: true), try await Self.archive(withOthers: false))
        var (fullAPI, aloneAPI) = (try ServedAPI(over: full.reader), try ServedAPI(over: alone.reader))
        fullAPI.settings.access = try await tokens.access
        aloneAPI.settings.access = try await tokens.access
        let other = aloneAPI
        try await fullAPI.run { full async throws in
            try await other.run { alone async throws in
                for path in ["/events", "/events/shared", "/events/shared/theirs", "/events/foreign"] {
                    for filter in ["limit=7", "limit=7&order=asc", "limit=1&type=Secret", "limit=2&kind=SecretKind"] {
                        let response = try await full.execute(
                            uri: "\(path)?\(filter)",
                            method: .get,
                            headers: [.authorization: "Bearer \(tokens.all.token)"]
                        )
                        let cursor = try #require(try response.token, "\(path)?\(filter)")
                        let uri = "\(path)?limit=1000&continue=\(cursor)"
                        let answer = try await Self.ask(full, uri, tokens.mine.token)
                        #expect(answer == (try await Self.ask(alone, uri, tokens.mine.token)), "\(path)?\(filter)")
                        #expect(!answer.body.lowercased().contains("secret"))
                        #expect(answer.status == (path == "/events" || path == "/events/shared" ? .ok : .forbidden))
                    }
                }
            }
        }
        await full.close()
        await alone.close()
    }
}
