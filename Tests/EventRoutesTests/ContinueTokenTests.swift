import Access
import EventReader
import Testing

@testable import EventRoutes

@Suite("Continue tokens")
struct ContinueTokenTests {
    let path = EventPath.resource(cluster: "prod", namespace: "shop", resource: "po")

    func question(_ query: String, now: Int64 = 1_000_000_000_000) throws -> EventQuestion {
        let parameters = try EventParameters(query: query)
        return try EventQuestion(
            path,
            parameters,
            kindsOfPath: KindCatalog.builtIn.kinds(for: "po"),
            kindsOfParameters: parameters.kinds.map { KindCatalog.builtIn.kinds(for: $0) },
            now: now
        )
    }

    func token(_ query: String) throws -> String {
        try question(query).token(next: EventCursor(time: 123, id: -5)).text(for: path)
    }

    @Test(
        arguments: [
            "", "since=2h", "until=15m&since=30d", "type=Warning&type=Normal", "reason=A&reason=B%20c", "order=asc",
            "component=a&component=b%20c", "q=100%25", "view=latest", "view=observations&q=%5C_",
            "name=web-1", "kind=Pod", "since=1970-01-10T00:00:00Z&kind=pods&kind=po", "reason=\u{1F600}",
        ]
    )
    func comeBackAsTheyWere(query: String) throws {
        let first = try question(query)
        let text = try token(query)
        #expect(text.utf8.allSatisfy { UInt8(ascii: "!")...UInt8(ascii: "~") ~= $0 && $0 != UInt8(ascii: "=") })

        // Alone, and beside the same parameters.
        for query in ["continue=\(text)", "continue=\(text)&\(query)&limit=3"] {
            let next = try EventQuestion(continuing: text, path, EventParameters(query: query))
            #expect(next.query == first.query)
            #expect(next.cursor == EventCursor(time: 123, id: -5))
        }
    }

    @Test func whatPageOneSawAndCountedGoesAlong() throws {
        let cursors = [
            EventCursor(time: 1, id: 2, snapshot: ArchiveSnapshot(next: 1 << 40, inProgress: [])),
            EventCursor(
                time: 1,
                id: 2,
                snapshot: ArchiveSnapshot(next: 700, inProgress: Array(600..<632)),
                remaining: 7
            ),
            EventCursor(time: .min, id: .max, remaining: .max),
        ]
        for cursor in cursors {
            let text = try question("view=latest").token(next: cursor).text(for: path)
            #expect(try EventQuestion(continuing: text, path, EventParameters(query: "")).cursor == cursor)
        }
        #expect(ArchiveSnapshot(next: 2, inProgress: []) == nil)
        #expect(ArchiveSnapshot(next: .max, inProgress: []) == nil)
        #expect(ArchiveSnapshot(next: 9, inProgress: [-1]) == nil)
        #expect(ArchiveSnapshot(next: 99, inProgress: Array(3..<36)) == nil)
    }

    @Test func theRangeIsPinnedWhenPageOneIsRead() throws {
        let text = try token("since=2h")
        let next = try EventQuestion(continuing: text, path, EventParameters(query: "since=2h&continue=\(text)"))
        #expect(next.query.since == 992_800_000_000)
    }

    @Test(
        arguments: [
            ("", "since=2h", "since"), ("since=2h", "since=3h", "since"), ("since=2h", "until=1m", "until"),
            ("type=Warning", "type=Normal", "type"), ("type=Warning", "type=Warning&type=Normal", "type"),
            ("", "reason=A", "reason"), ("reason=A&reason=B", "reason=A", "reason"),
            ("kind=pod", "kind=deploy", "kind"),
            ("", "name=web", "name"), ("name=web", "name=Web", "name"), ("", "order=asc", "order"),
            ("order=asc", "order=desc", "order"), ("", "component=a", "component"),
            ("component=a&component=b", "component=a", "component"), ("", "q=a", "q"), ("q=a", "q=b", "q"),
            ("", "view=latest", "view"), ("view=latest", "view=observations", "view"),
        ]
    )
    func aContradictionIsNamed(first: String, later: String, parameter: String) throws {
        let text = try token(first)
        #expect(try problem(text, path, later)?.parameter == parameter)
    }

    @Test(
        arguments: [
            ("type=a&type=b", "type=b&type=a"), ("component=a&component=b", "component=b&component=a"),
            ("", "view=observations"), ("view=observations", ""), ("view=latest&q=a", ""),
            ("kind=Pod", "kind=pod"), ("", "order=desc"), ("", "limit=1"),
            ("since=1970-01-10T00:00:00Z", "since=1970-01-10T01:00:00%2B01:00"),
        ]
    )
    func theSameInOtherWordsIsNoContradiction(first: String, later: String) throws {
        #expect(try problem(token(first), path, later) == nil)
    }

    @Test(
        arguments: [
            EventPath.everything, .cluster("prod"), .namespace(cluster: "prod", namespace: "shop"),
            .resource(cluster: "prod", namespace: "shop", resource: "deploy"),
            .resource(cluster: "test", namespace: "shop", resource: "po"),
            .resource(cluster: "pro", namespace: "dshop", resource: "po"),
            .object(cluster: "prod", namespace: "shop", kind: "po", name: "web"),
        ]
    )
    func aTokenBelongsToItsRoute(other: EventPath) throws {
        #expect(try problem(token("since=2h"), other, "")?.parameter == "continue")
    }

    @Test(arguments: ["x", "AAAA", "====", "AQ", "not base64!", "%", String(repeating: "A", count: 5_999)])
    func garbageIsRefused(text: String) throws {
        #expect(try problem(text, path, "")?.parameter == "continue")
    }

    /// Every single changed, missing or added character is noticed.
    @Test func damageIsNoticed() throws {
        let text = try token("since=2h&reason=BackOff&name=web-1")
        for index in text.indices {
            var damaged = text
            damaged.remove(at: index)
            #expect(try problem(damaged, path, "") != nil)
            damaged.insert(text[index] == "A" ? "B" : "A", at: index)
            #expect(try problem(damaged, path, "") != nil)
        }
        #expect(try problem(text + "A", path, "") != nil)
        #expect(try problem(String(text.dropLast(4)), path, "") != nil)
    }

    @Test func theLongestQuestionGivesATokenThatFitsIntoAURLBesideIt() throws {
        var query = (0..<31).map { "kind=\(String(repeating: "k", count: 10))\($0)" }.joined(separator: "&")
        query += "&name=" + String(repeating: "n", count: 500)
        let parameters = try EventParameters(query: query)
        let question = try EventQuestion(
            .cluster("prod"),
            parameters,
            kindsOfPath: nil,
            kindsOfParameters: Array(repeating: nil, count: 31),
            now: 0
        )
        let text = question.token(next: EventCursor(time: .max, id: .min)).text(for: .cluster("prod"))
        #expect(text.utf8.count + query.utf8.count < ProblemMiddleware.longestURL)
        #expect(text.utf8.count < ContinueToken.longestText)
    }

    @Test func base64() {
        for count in 0..<70 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ count) }
            #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
        }
        #expect(Base64URL.encode([0xfb, 0xff]) == "-_8")
        #expect(Base64URL.decode("-_9") == nil, "bits behind the end must be zero")
        #expect(Base64URL.decode("A") == nil)
        #expect(Base64URL.decode("+/8") == nil)
    }

    private func problem(_ text: String, _ path: EventPath, _ query: String) throws -> Problem? {
        let parameters = try EventParameters(query: query)
        do {
            _ = try EventQuestion(continuing: text, path, parameters)
            return nil
        } catch {
            return error
        }
    }
}
