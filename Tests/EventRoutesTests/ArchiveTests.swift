import EventModel
import EventReader
import EventWriter
import HTTPTypes
import HummingbirdTesting
import JSON
import NIOCore
import TestSupport
import Testing

@testable import EventRoutes

/// From the writer through a real PostgreSQL to a real socket: every route gives what a look at the input gives.
@Suite("The routes over a real archive")
struct ArchiveTests {
    struct Input: Sendable {
        var number: Int
        var cluster: String
        var namespace: String
        var kind: String
        var apiVersion: String
        var name: String
        var reason: String
        var type: String
        /// Seconds after 2026-11-20T00:00:00Z.
        var second: Int

        var event: Event {
            get throws {
                try Event.sample(
                    number,
                    namespace: namespace,
                    kind: kind,
                    apiVersion: apiVersion,
                    name: name,
                    reason: reason,
                    type: type,
                    time: Self.time(second)
                )
            }
        }

        static func time(_ second: Int) -> String {
            func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
            return "2026-11-20T\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))Z"
        }
    }

    /// Every combination of what there is, in no order of time.
    static let inputs: [Input] = {
        let kinds = [("Pod", "v1"), ("Deployment", "apps/v1"), ("Certificate", "cert-manager.io/v1"), ("Node", "v1")]
        var inputs: [Input] = []
        for number in 0..<600 {
            let (kind, apiVersion) = kinds[number % 4]
            inputs.append(
                Input(
                    number: number,
                    cluster: ["blue", "green", "red"][number / 4 % 3],
                    namespace: ["shop", "default"][number / 12 % 2],
                    kind: kind,
                    apiVersion: apiVersion,
                    name: ["web", "db", "pod", "a/b ü"][number / 24 % 4],
                    reason: ["BackOff", "Started", "Killing"][number % 3],
                    type: number % 5 == 0 ? "Warning" : "Normal",
                    second: number * 7919 % 80_000
                )
            )
        }
        return inputs
    }()

    private func filled() async throws -> TestArchive {
        let archive = try await TestArchive()
        for (cluster, inputs) in Dictionary(grouping: Self.inputs, by: \.cluster) {
            let outcome = try await archive.writer(cluster: cluster).write(
                inputs.map { try $0.event },
                deadline: TestArchive.soon
            )
            #expect(outcome.stored == inputs.count)
        }
        return archive
    }

    static let questions: [(String, @Sendable (Input) -> Bool)] = [
        ("/events?limit=1000", { _ in true }),
        ("/events/blue?limit=1000", { $0.cluster == "blue" }),
        ("/events/blue/shop?limit=1000", { $0.cluster == "blue" && $0.namespace == "shop" }),
        ("/events/blue/nowhere", { _ in false }),
        ("/events/red/shop/po?limit=1000", { $0.cluster == "red" && $0.namespace == "shop" && $0.kind == "Pod" }),
        ("/events/red/shop/Pods?limit=1000", { $0.cluster == "red" && $0.namespace == "shop" && $0.kind == "Pod" }),
        (
            "/events/red/shop/deployments.apps?limit=1000",
            { $0.cluster == "red" && $0.namespace == "shop" && $0.kind == "Deployment" }
        ),
        ("/events/red/shop/deployments.batch?limit=1000", { _ in false }),
        (
            "/events/red/shop/CERTIFICATES?limit=1000",
            { $0.cluster == "red" && $0.namespace == "shop" && $0.kind == "Certificate" }
        ),
        (
            "/events/red/default/web?limit=1000",
            { $0.cluster == "red" && $0.namespace == "default" && $0.name == "web" }
        ),
        ("/events/red/default/Web?limit=1000", { _ in false }),
        (
            "/events/red/default/deploy/a%2Fb%20%C3%BC?limit=1000",
            { $0.cluster == "red" && $0.namespace == "default" && $0.kind == "Deployment" && $0.name == "a/b ü" }
        ),
        (
            "/events/red/default/pod/pod?limit=1000",
            { $0.cluster == "red" && $0.namespace == "default" && $0.kind == "Pod" && $0.name == "pod" }
        ),
        ("/events/red/default/gizmo/web", { _ in false }),
        ("/events?type=Warning&limit=1000", { $0.type == "Warning" }),
        ("/events?type=warning", { _ in false }),
        ("/events?component=scheduler&component=kubelet&type=Warning&limit=1000", { $0.type == "Warning" }),
        ("/events?component=Kubelet", { _ in false }),
        ("/events/blue?q=TeX&limit=1000", { $0.cluster == "blue" }),
        ("/events/blue?q=t%25t", { _ in false }),
        ("/events?q=text&since=2026-11-20T10:00:00Z&limit=1000", { $0.second >= 36_000 }),
        ("/events/red?view=latest&reason=Killing&limit=1000", { $0.cluster == "red" && $0.reason == "Killing" }),
        ("/events?reason=BackOff&reason=Killing&limit=1000", { $0.reason != "Started" }),
        (
            "/events?kind=deploy&kind=no&name=db&limit=1000",
            { ["Deployment", "Node"].contains($0.kind) && $0.name == "db" }
        ),
        (
            "/events/green?since=2026-11-20T05:00:00Z&until=2026-11-20T11:00:00%2B01:00&limit=1000",
            { $0.cluster == "green" && (18_000..<36_000).contains($0.second) }
        ),
    ]

    @Test func everyRouteGivesWhatALookAtTheInputGives() async throws {
        let archive = try await filled()
        try await ServedAPI(over: archive.reader).run { client async throws in
            for (uri, selects) in Self.questions {
                let expected = Self.inputs.filter(selects).sorted { $0.second > $1.second }.map { "uid-\($0.number)" }
                for order in ["desc", "asc"] {
                    let response = try await client.get(uri + (uri.contains("?") ? "&" : "?") + "order=\(order)")
                    #expect(response.status == .ok)
                    #expect(try response.uids == (order == "desc" ? expected : expected.reversed()), "\(uri)")
                }
            }
            #expect(try await client.get("/events/yellow").parameter == "cluster")
        }
        await archive.close()
    }

    @Test func theOverviewShowsTheNewestOfEachAndTheClusters() async throws {
        let archive = try await filled()
        try await ServedAPI(over: archive.reader).run { client async throws in
            let newest = Dictionary(grouping: Self.inputs, by: \.cluster).values
                .flatMap { $0.sorted { $0.second > $1.second }.prefix(5) }
                .sorted { $0.second > $1.second }
            let response = try await client.get("/events")
            #expect(try response.uids == newest.map { "uid-\($0.number)" })
            let clusters = try response.json["items"]?.elements.compactMap { $0["cluster"]?.string }
            #expect(clusters == newest.map(\.cluster))

            let list = try await client.get("/clusters").json
            let items = list["items"]?.elements.map { $0 } ?? []
            #expect(items.map { $0["name"]?.string } == ["blue", "green", "red"])
            #expect(items.map { $0["events"]?.int64 } == [200, 200, 200])
            let blue = Self.inputs.filter { $0.cluster == "blue" }.map(\.second)
            #expect(items.first?["firstEvent"]?.string == Input.time(blue.min() ?? 0))
            #expect(items.first?["lastEvent"]?.string == Input.time(blue.max() ?? 0))
        }
        await archive.close()
    }

    @Test func pagesGiveEveryEventOnceWhileAnotherInserts() async throws {
        let archive = try await filled()
        let isRead = Observed(false)
        try await ServedAPI(over: archive.reader).run { client async throws in
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    let writer = archive.writer(cluster: "blue")
                    var number = 10_000
                    while !isRead.value {
                        let more = try (number..<(number + 20)).map {
                            try Event.sample($0, time: Input.time($0 * 7919 % 80_000))
                        }
                        _ = try await writer.write(more, deadline: TestArchive.soon)
                        number += 20
                    }
                }
                // Whatever happens here, the writer must come to its end.
                defer { isRead.change { $0 = true } }
                var seen: [String: Int] = [:]
                var uri: String? = "/events/blue?limit=7"
                while let next = uri {
                    let page = try await client.get(next)
                    #expect(page.status == .ok)
                    for uid in try page.uids { seen[uid, default: 0] += 1 }
                    uri = try page.token.map { "/events/blue?limit=7&continue=\($0)" }
                }
                isRead.change { $0 = true }
                try await tasks.waitForAll()
                #expect(seen.values.allSatisfy { $0 == 1 })
                for input in Self.inputs where input.cluster == "blue" { #expect(seen["uid-\(input.number)"] == 1) }
            }
        }
        await archive.close()
    }

    @Test func aGapOfTheLedgerIsToldWithTheEventsOfItsTime() async throws {
        let archive = try await filled()
        try await archive.execute(
            """
            INSERT INTO kee.coverage SELECT cluster_id, '', s::timestamptz, u::timestamptz, cause FROM kee.cluster,
            (VALUES ('2026-11-20 00:00Z', '2026-11-20 06:00Z', 'first'),
                ('2026-11-20 07:00Z', '2199-01-01 00:00Z', 'expired')) v (s, u, cause) WHERE name = 'blue'
            """
        )
        try await ServedAPI(over: archive.reader).run { client async throws in
            let gap =
                #""gaps":[{"cluster":"blue","namespace":null,"from":"2026-11-20T06:00:00Z","#
                + #""until":"2026-11-20T07:00:00Z","reason":"expired"}]"#
            for uri in [
                "/events/blue", "/events", "/events?limit=3", "/events/blue?since=2026-11-20T05:00:00Z&limit=1",
            ] {
                #expect(String(buffer: try await client.get(uri).body).contains(gap))
            }
            for uri in ["/events/blue?since=2026-11-20T07:00:00Z", "/events/red", "/events/red/shop"] {
                #expect(try !String(buffer: await client.get(uri).body).contains("gaps"))
            }
            let coverage = try await client.get("/clusters/blue/coverage").json
            #expect(coverage["items"]?.elements.first { _ in true }?["stretches"]?.elements.map { $0 }.count == 2)
        }
        await archive.close()
    }

    @Test func whatIsMissingIsA503AndSaysNothingOfTheDatabase() async throws {
        let archive = try await TestArchive(migrated: false)
        try await ServedAPI(over: archive.reader).run { client async throws in
            for uri in ["/events", "/events/blue", "/clusters", "/clusters/blue/coverage", "/events/blue/shop/po"] {
                let response = try await client.get(uri)
                #expect(response.status == .serviceUnavailable)
                #expect(response.headers[.retryAfter] != nil)
                let text = String(decoding: response.body.readableBytesView, as: UTF8.self).lowercased()
                for secret in ["select", "kee.", "postgres", "host", "port"] { #expect(!text.contains(secret)) }
            }
        }
        await archive.close()
    }
}

extension TestResponse {
    fileprivate var uids: [String] {
        get throws { try json["items"]?.elements.map { $0["metadata"]?["uid"]?.string ?? "" } ?? [] }
    }
}
