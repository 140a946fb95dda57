import EventReader
import HTTPTypes
import Testing

@testable import EventRoutes

@Suite("Parameters")
struct EventParametersTests {
    @Test func everythingAtOnce() throws {
        let parameters = try EventParameters(
            query: "limit=7&since=2h&until=2026-01-02T03:04:05%2B02:00&type=Warning&reason=BackOff&reason=Failed"
                + "&kind=po&name=web-1&order=asc&component=kubelet&component=scheduler&q=100%25_a%5C&view=latest"
        )
        #expect(parameters.limit == 7)
        #expect(parameters.since == TimeBound("2h"))
        #expect(parameters.until?.meaning == .at(1_767_315_845_000_000))
        #expect(parameters.types == ["Warning"])
        #expect(parameters.reasons == ["BackOff", "Failed"])
        #expect(parameters.kinds == ["po"])
        #expect(parameters.name == "web-1")
        #expect(parameters.order == .oldestFirst)
        #expect(parameters.components == ["kubelet", "scheduler"])
        #expect(parameters.text == #"100%_a\"#)
        #expect(parameters.view == .latest)
        #expect(parameters.continuation == nil)
        #expect(!parameters.asksForEachCluster)
    }

    @Test(arguments: [nil, "", "&", "&&"])
    func nothingAsked(query: String?) throws {
        let parameters = try EventParameters(query: query)
        #expect(parameters == EventParameters())
        #expect(parameters.asksForEachCluster)
    }

    @Test(arguments: [
        "limit=1", "limit=1000", "limit=0042", "perCluster=1", "perCluster=100", "since=0s", "type=a%26b",
    ])
    func isFine(query: String) throws {
        _ = try EventParameters(query: query)
    }

    static let wrong: [(String, String)] = [
        // Out of range is refused, never clamped.
        ("limit=0", "limit"), ("limit=1001", "limit"), ("limit=-1", "limit"), ("limit=+5", "limit"),
        ("limit=5.0", "limit"),
        ("limit=1e2", "limit"), ("limit=٥", "limit"), ("limit=99999999999999999999", "limit"), ("limit= 5", "limit"),
        ("perCluster=0", "perCluster"), ("perCluster=101", "perCluster"), ("perCluster=x", "perCluster"),
        // A value there must be.
        ("limit=", "limit"), ("limit", "limit"), ("type=", "type"), ("reason", "reason"), ("kind=", "kind"),
        ("name=", "name"), ("since=", "since"), ("until=", "until"), ("order=", "order"), ("continue=", "continue"),
        // Once is enough.
        ("limit=5&limit=5", "limit"), ("name=a&name=b", "name"), ("since=1h&since=2h", "since"),
        ("order=asc&order=asc", "order"), ("perCluster=2&perCluster=2", "perCluster"),
        ("continue=a&continue=a", "continue"),
        // Not known.
        ("limt=5", "limt"), ("Limit=5", "Limit"), ("Q=disk", "Q"), ("=5", ""), ("foo", "foo"), ("limit%3D5", "limit=5"),
        ("a.b=1", "a.b"),
        // Times.
        ("since=yesterday", "since"), ("since=2026-01-02", "since"), ("since=5", "since"), ("since=1h30m", "since"),
        ("since=-1h", "since"), ("since=99999999999d", "since"), ("since=1w", "since"),
        ("until=2026-02-30T00:00:00Z", "until"),
        ("order=newest", "order"), ("order=DESC", "order"), ("view=newest", "view"), ("view=Latest", "view"),
        ("q=", "q"), ("component=", "component"), ("view=", "view"), ("q=a&q=b", "q"),
        ("view=latest&view=latest", "view"), ("q=a%00b", "q"), ("component=%00", "component"),
        // Escapes.
        ("name=%", "name"), ("name=%ff", "name"), ("name=a%00", "name"), ("reason=%zz", "reason"), ("%ff=1", "%ff"),
        // Together.
        ("perCluster=5&limit=5", "perCluster"), ("type=Warning&perCluster=5", "perCluster"),
        ("continue=abc&perCluster=5", "perCluster"),
    ]

    @Test(arguments: wrong)
    func isRefused(query: String, parameter: String) {
        #expect { try EventParameters(query: query) } throws: {
            ($0 as? Problem)?.status == .badRequest && ($0 as? Problem)?.parameter == parameter
        }
    }

    @Test(
        arguments: [
            ("limt", "limit"), ("LIMIT", "limit"), ("percluster", "perCluster"), ("reasons", "reason"),
            ("names", "name"),
            ("components", "component"), ("componnet", "component"), ("veiw", "view"), ("views", "view"),
            ("contnue", "continue"), ("sicne", "since"), ("untill", "until"), ("tpye", "type"), ("kinds", "kind"),
        ]
    )
    func aTypoIsAnsweredWithTheNameThatWasMeant(typed: String, meant: String) {
        #expect { try EventParameters(query: "\(typed)=5") } throws: {
            ($0 as? Problem)?.detail.contains("Did you mean '\(meant)'?") == true
        }
    }

    @Test func aFarOffNameIsAnsweredWithAllThatThereAre() {
        #expect { try EventParameters(query: "watch=true") } throws: {
            ($0 as? Problem)?.detail.contains("There are limit, continue, perCluster") == true
        }
    }

    @Test func lengthsAreBounded() throws {
        let longest = String(repeating: "x", count: EventParameters.longestValue)
        _ = try EventParameters(query: "reason=\(longest)")
        #expect(refuses("reason=\(longest)x", "reason"))
        #expect(refuses("reason=\(longest)&reason=\(longest)&name=x", "name"))
        #expect(refuses("reason=\(longest)&reason=\(longest)&q=x", "q"))
        #expect(refuses("reason=\(longest)&component=\(longest)&component=x", "component"))
        let text = String(repeating: "x", count: EventParameters.longestText)
        #expect(try EventParameters(query: "q=\(text)").text == text)
        #expect(refuses("q=\(text)x", "q"))
        let many = Array(repeating: "kind=po", count: EventParameters.mostRepeats)
        _ = try EventParameters(query: many.joined(separator: "&"))
        #expect(refuses((many + ["kind=po"]).joined(separator: "&"), "kind"))
        #expect(refuses("continue=\(String(repeating: "x", count: ContinueToken.longestText + 1))", "continue"))
    }

    private func refuses(_ query: String, _ parameter: String) -> Bool {
        do {
            _ = try EventParameters(query: query)
            return false
        } catch {
            return error.parameter == parameter && error.status == .badRequest
        }
    }

    @Test(
        arguments: [
            ("90s", TimeBound.Meaning.ago(90_000_000)), ("15m", .ago(900_000_000)), ("2h", .ago(7_200_000_000)),
            ("30d", .ago(2_592_000_000_000)), ("36525d", .ago(3_155_760_000_000_000)),
            ("1970-01-01T00:00:01Z", .at(1_000_000)), ("1970-01-01T01:00:00.5+01:00", .at(500_000)),
            // A plus that was not encoded has become a space.
            ("1970-01-01T01:00:00 01:00", .at(0)),
        ]
    )
    func times(text: String, meaning: TimeBound.Meaning) {
        #expect(TimeBound(text)?.meaning == meaning)
    }

    @Test(arguments: ["36526d", "s", "1", "", "1 h", "1H", "٣h", "now", "1970-01-01 00:00:01Z"])
    func noTimes(text: String) {
        #expect(TimeBound(text) == nil)
    }
}
