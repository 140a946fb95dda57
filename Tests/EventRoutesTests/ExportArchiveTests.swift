import EventModel
import EventReader
import EventWriter
import HTTPTypes
import HummingbirdTesting
import JSON
import NIOCore
import Postgres
import TestSupport
import Testing

@testable import EventRoutes

@Suite("Exports of a real archive")
struct ExportArchiveTests {
    /// Events with everything that CSV and the view's expressions may stumble over; times differ, for the view has no
    /// other order.
    static let odd: [String] = [
        #""message":"a, b \"quoted\"\r\nand more","count":7"#,
        #""message":"=HYPERLINK(\"http://x\")","reason":"+1","count":2147483648"#,
        #""message":"","count":-3000000000"#, #""message":"null count","count":null"#, #""count":"7""#, #""count":2.5"#,
        #""series":{"count":9,"lastObservedTime":null},"count":1"#, #""series":{"count":2.5}"#,
        #""series":{"count":-2.5}"#, #""series":{"count":99999999999999999999999}"#,
        #""series":{"count":"9"},"count":4"#,
        #""series":[{"count":9}],"count":5"#, #""series":null,"count":6"#, #""series":{"count":1e3},"count":8"#,
        #""message":"a \u0000 and \ud800 alone","reason":"tab\there""#, #""type":"","reason":"ü, \"ß\"""#,
        #""source":{"component":"","host":""},"reportingComponent":"c,1","reportingInstance":"i \"1\"""#,
        #""source":{"component":"kubelet"},"reportingComponent":"other","reportingInstance":"pod-1""#,
        #""source":null"#,
        #""message":{"no":"text"}"#, #""type":7"#, #""involvedObject":{"name":"a,b","kind":"Po\"d"}"#,
    ]

    static let uids = [
        #""0d2b9e84-6f4b-4b8e-9a53-1f6f3a0c5a11""#, #""0D2B9E84-6F4B-4B8E-9A53-1F6F3A0C5A11""#, #""uid,1""#, #""""#,
        "7",
        "null", #"{"b":[1, 2],"a":"x"}"#, "true",
    ]

    private func filled() async throws -> TestArchive {
        let archive = try await TestArchive()
        var events: [Event] = []
        for (number, members) in (Self.odd + Self.uids.map { #""metadata":{"uid":\#($0)}"# }).enumerated() {
            let minute = number < 10 ? "0\(number)" : "\(number)"
            let metadata = members.hasPrefix(#""metadata""#) ? "" : #""metadata":{"uid":"u-\#(number)"},"#
            events.append(
                try Event(json: #"{\#(metadata)\#(members),"eventTime":"2026-11-21T02:\#(minute):00.123456Z"}"#)
            )
        }
        let outcome = try await archive.writer(cluster: "a,b").write(events, deadline: TestArchive.soon)
        #expect(outcome.stored == events.count)
        return archive
    }

    @Test func csvIsWhatTheViewHas() async throws {
        let archive = try await filled()
        let expected = try await archive.value(
            #"""
            SELECT string_agg((SELECT string_agg(
                CASE WHEN v ~ E'[,"\r\n]' THEN '"' || replace(v, '"', '""') || '"' ELSE coalesce(v, '') END, ',' ORDER BY n)
                FROM unnest(ARRAY[to_char(time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), cluster, namespace,
                    kind, name, type, reason, message, count::text, component, host, uid]) WITH ORDINALITY AS u(v, n)
                ) || E'\r\n', '' ORDER BY time DESC) FROM kee.event_log
            """#
        )
        let names = try await archive.value(
            """
            SELECT string_agg(column_name, ',' ORDER BY ordinal_position) FROM information_schema.columns
            WHERE table_schema = 'kee' AND table_name = 'event_log'
            """
        )
        try await ServedAPI(over: archive.reader).run { client async throws in
            let response = try await client.get("/events/a%2Cb", accept: "text/csv")
            #expect(response.status == .ok)
            let body = String(buffer: response.body)
            for (line, wanted) in zip(
                body.split(separator: "\r\n"),
                (names + "\r\n" + expected).split(separator: "\r\n")
            ) {
                #expect(line == wanted)
            }
            #expect(body == names + "\r\n" + expected)
        }
        await archive.close()
    }

    @Test func linesAreTheItemsOfThePages() async throws {
        let archive = try await filled()
        try await archive.fill(2_345, cluster: "b")
        try await ServedAPI(over: archive.reader).run { client async throws in
            for order in ["asc", "desc"] {
                var items: [String] = []
                var token: String?
                repeat {
                    let rest = token.map { "&continue=\($0)" } ?? ""
                    let page = try await client.get("/events?limit=700&order=\(order)\(rest)")
                    items +=
                        try page.json["items"]?.elements.map { String(decoding: $0.jsonBytes, as: UTF8.self) } ?? []
                    token = try page.token
                } while token != nil
                #expect(items.count == 2_345 + Self.odd.count + Self.uids.count)
                let export = try await client.get("/events?order=\(order)", accept: "application/x-ndjson")
                #expect(String(buffer: export.body) == items.map { $0 + "\n" }.joined())
            }
        }
        await archive.close()
    }

    @Test func aTableLeadsToTheNext() async throws {
        let archive = try await TestArchive()
        try await archive.fill(250, cluster: "prod", spacing: 60_000)
        try await ServedAPI(over: archive.reader).run { client async throws in
            var uri = "/events/prod/shop?limit=100"
            var rows = 0
            for page in 1...3 {
                let response = try await client.get(uri, accept: "text/plain")
                #expect(response.headers[.contentType] == "text/plain; charset=utf-8")
                let lines = String(buffer: response.body).split(separator: "\n")
                #expect(lines[0].split(separator: " ").joined(separator: " ") == "LAST SEEN TYPE REASON OBJECT MESSAGE")
                #expect(
                    lines[1].contains("Warning   BackOff   pod/web-1   Back-off restarting failed container app in pod")
                )
                rows += lines.count - 1
                let link = response.headers[.link]
                guard page < 3 else {
                    #expect(link == nil)
                    break
                }
                #expect(link?.hasPrefix("</events/prod/shop?limit=100&continue=") == true)
                #expect(link?.hasSuffix(">; rel=\"next\"") == true)
                uri = String(link?.dropFirst().prefix { $0 != ">" } ?? "")
            }
            #expect(rows == 250)
            let json = try await client.get("/events/prod/shop?limit=100")
            #expect(json.headers[.link]?.contains(try json.token ?? "none") == true)
            let nothing = try await client.get("/events/prod/nowhere", accept: "text/plain")
            #expect(String(buffer: nothing.body) == "No resources found in nowhere namespace.\n")
            let everything = try await client.get("/events", accept: "text/plain")
            #expect(String(buffer: everything.body).hasPrefix("CLUSTER   NAMESPACE   LAST SEEN "))
        }
        await archive.close()
    }

    /// 66 MB of NDJSON, and a service in this very process that has not grown by half of it.
    @Test(arguments: ["application/x-ndjson", "text/csv"])
    func memoryIsThatOfAPage(accept: String) async throws {
        let archive = try await TestArchive()
        try await archive.fill(30_000, cluster: "prod", padding: 1_000)
        try await ServedAPI(over: archive.reader).listen { port in
            func export(_ uri: String) async throws -> Int {
                try await RawClient(port: port, request(uri, accept, close: true), isKept: false).end().count
            }
            // What grows once and stays, such as sessions and dictionaries.
            _ = try await export("/events/prod?limit=1000")
            PeakMemory.reset()
            let before = PeakMemory.bytes
            #expect(try await export("/events/prod") > 30_000 * 1_150)
            if let before, let after = PeakMemory.bytes {
                #expect(after - before < 30 << 20, "\((after - before) >> 20) MiB")
            }
        }
        await archive.close()
    }

    /// One that reads a kilobyte now and then holds nothing of the database, and nobody else up.
    @Test func aSlowClientHoldsNothing() async throws {
        let archive = try await TestArchive()
        try await archive.fill(30_000, cluster: "prod")
        try await ServedAPI(over: archive.reader).listen { port in
            let slow = try await RawClient(
                port: port,
                request("/events/prod", "application/x-ndjson"),
                isReading: false,
                isKept: false
            )
            for _ in 0..<20 { slow.read() }
            try await slow.received.wait(until: { $0.count > 0 })
            try await eventually("nothing is held", ask: { archive.reading.statistics }) {
                $0.idle == $0.open && $0.waiting == 0
            }
            // No snapshot either: that of a transaction would hold up the retirement of a month.
            try await eventually("no session is at work") {
                try await archive.value(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                        + " AND (state <> 'idle' OR backend_xmin IS NOT NULL) AND backend_type = 'client backend'"
                )
            } until: {
                $0 == "0"
            }
            let start = ContinuousClock.now
            let fast = try await RawClient(port: port, request("/events/prod", "text/csv", close: true), isKept: false)
                .end()
            #expect(fast.count > 30_000 * 150)
            #expect(start.duration(to: .now) < .seconds(60))
            try await slow.close()
        }
        await archive.close()
    }
}
