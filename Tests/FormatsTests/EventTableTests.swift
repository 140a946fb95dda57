import EventModel
import Testing

@testable import Formats

@Suite("The table of kubectl get events")
struct EventTableTests {
    static let now = Timestamp("2026-11-21T03:00:00Z")!.microseconds

    private func table(_ items: [String], _ scope: EventTable.Scope = .namespace("shop")) throws -> String {
        let text = try EventTable.text(of: Array(items.joined(separator: ",").utf8), in: scope, now: Self.now)
        return String(decoding: text, as: UTF8.self)
    }

    private func event(
        last: String? = "2026-11-21T02:58:00Z",
        more: String = "",
        namespace: String = "shop",
        cluster: String = "prod",
        object: String = #"{"kind":"Pod","name":"web-1"}"#,
        reason: String = "BackOff",
        message: String = "Back-off"
    ) -> String {
        let last = last.map { "\"\($0)\"" } ?? "null"
        return #"""
            {"metadata":{"namespace":"\#(namespace)"},"involvedObject":\#(object),"reason":"\#(reason)",
            "message":"\#(message)","lastTimestamp":\#(last),"type":"Warning"\#(more),"cluster":"\#(cluster)"}
            """#
    }

    @Test func oneNamespace() throws {
        let events = [
            event(message: "Back-off restarting failed container"),
            event(
                last: "2026-11-20T23:00:00Z",
                object: #"{"kind":"Deployment","name":"web"}"#,
                reason: "ScalingReplicaSet",
                message: "Scaled up"
            ),
        ]
        #expect(
            try table(events) == """
                LAST SEEN   TYPE      REASON              OBJECT           MESSAGE
                2m          Warning   BackOff             pod/web-1        Back-off restarting failed container
                4h          Warning   ScalingReplicaSet   deployment/web   Scaled up

                """
        )
    }

    @Test func severalNamespacesAndClustersStandInFront() throws {
        let events = [event(), event(namespace: "default", cluster: "test")]
        #expect(
            try table(events, .cluster) == """
                NAMESPACE   LAST SEEN   TYPE      REASON    OBJECT      MESSAGE
                shop        2m          Warning   BackOff   pod/web-1   Back-off
                default     2m          Warning   BackOff   pod/web-1   Back-off

                """
        )
        #expect(
            try table(events, .clusters) == """
                CLUSTER   NAMESPACE   LAST SEEN   TYPE      REASON    OBJECT      MESSAGE
                prod      shop        2m          Warning   BackOff   pod/web-1   Back-off
                test      default     2m          Warning   BackOff   pod/web-1   Back-off

                """
        )
    }

    @Test func nothingIsSaidInWords() throws {
        #expect(try table([]) == "No resources found in shop namespace.\n")
        #expect(try table([], .cluster) == "No resources found\n")
    }

    @Test(arguments: [
        (#","eventTime":"2026-11-21T02:59:30.500000Z""#, "29s"),
        (#","firstTimestamp":"2026-11-21T02:59:00Z","eventTime":"2026-11-21T01:00:00.000000Z""#, "60s"),
        (#","series":{"count":3,"lastObservedTime":"2026-11-21T02:59:55.000000Z"}"#, "5s"),
        (#","series":{"count":3},"firstTimestamp":"2026-11-21T02:59:00Z""#, "<unknown>"),
        (#","series":null,"firstTimestamp":"2026-11-21T02:59:00Z""#, "60s"),
        (#","firstTimestamp":"0001-01-01T00:00:00Z""#, "<unknown>"), ("", "<unknown>"),
        (#","eventTime":"2026-11-21T03:00:30.000000Z""#, "<invalid>"),
    ]) func lastSeenIsWhatTheAPIServerTakesForIt(more: String, age: String) throws {
        let line = try table([event(last: nil, more: more)]).split(separator: "\n")[1]
        #expect(line.hasPrefix(age + "   "))
    }

    @Test func aMessageIsCutAtItsFirstLineAndDrivesNoTerminal() throws {
        func message(_ json: String) throws -> String {
            let line = try table([event(message: json)]).split(separator: "\n", omittingEmptySubsequences: false)[1]
            return String(line.dropFirst("2m          Warning   BackOff   pod/web-1   ".count))
        }
        #expect(try message(#"  one\ntwo\n"#) == "one...")
        #expect(try message(#"\n\n  one \t\n"#) == "one")
        #expect(try message(#"one\r\ntwo"#) == "one...")
        #expect(try message(#"\u001b[31mred"#) == "^[[31mred")
        #expect(try message("") == "")
    }

    /// A tab begins a cell, in kubectl too.
    @Test func tabsInMessagesAreAligned() throws {
        let lines = try table([event(message: #"a\tb"#), event(message: #"long one\tb"#), event(message: "none")])
            .split(separator: "\n").map { $0.dropFirst("2m          Warning   BackOff   pod/web-1   ".count) }
        #expect(lines[1...] == ["a          b", "long one   b", "none"])
    }

    @Test func anObjectWithoutANameIsItsKind() throws {
        let text = try table([event(object: #"{"kind":"Node"}"#), event(object: "{}")])
        #expect(text.split(separator: "\n")[1].contains("BackOff   node     Back-off"))
        #expect(text.split(separator: "\n")[2].contains("BackOff            Back-off"))
    }
}
