import EventModel
import EventReader
import EventSchema
import EventWriter
import JSON
import Postgres
import TestSupport
import Testing

/// Objects that own each other, and events about them, and the stories that a look at each one of them gives.
private struct Forest {
    struct Object {
        let uid: UUIDBits
        let kind: String
        let namespace: String
        let name: String
        var owner: Int?
    }

    struct Entry {
        let object: Int
        let event: Event
        let type: String
        let uid: String
        var id: Int64 { EventIdentity.observation(event, cluster: "c") }
    }

    var objects: [Object] = []
    var entries: [Entry] = []

    /// Three levels: Deployments, ReplicaSets and Pods, of few names, so that these come again.
    init(_ count: Int, events: Int, seed: UInt64) throws {
        var random = SplitMix64(state: seed)
        for number in 0..<count {
            let kind = ["Deployment", "ReplicaSet", "Pod", "Pod"][number % 4]
            let namespace = ["shop", "default"][Int.random(in: 0..<2, using: &random)]
            let owners = objects.indices.filter {
                objects[$0].namespace == namespace
                    && objects[$0].kind == (kind == "Pod" ? "ReplicaSet" : kind == "ReplicaSet" ? "Deployment" : "")
            }
            objects.append(
                Object(
                    uid: UUIDBits(high: 0x4000, low: UInt64(number)),
                    kind: kind,
                    namespace: namespace,
                    name: "web-\(Int.random(in: 0..<6, using: &random))",
                    owner: Int.random(in: 0..<5, using: &random) == 0 ? nil : owners.randomElement(using: &random)
                )
            )
        }
        for number in 0..<events {
            let index = Int.random(in: 0..<count, using: &random)
            let object = objects[index]
            let month = [9, 10, 11, 11].randomElement(using: &random) ?? 11
            let time = "2026-\(month < 10 ? "0" : "")\(month)-1\(Int.random(in: 0..<10, using: &random))T00:00:00Z"
            let type = Bool.random(using: &random) ? "Normal" : "Warning"
            let event = try Event(
                json: """
                    {"metadata":{"name":"e","namespace":"\(object.namespace)","uid":"e-\(number)",
                    "resourceVersion":"\(number)","creationTimestamp":"\(time)"},"involvedObject":{"kind":
                    "\(object.kind)","namespace":"\(object.namespace)","name":"\(object.name)","uid":"\(object.uid)",
                    "apiVersion":"v1"},"reason":"r","message":"m","type":"\(type)","firstTimestamp":"\(time)",
                    "lastTimestamp":"\(time)","count":1}
                    """
            )
            entries.append(Entry(object: index, event: event, type: type, uid: "e-\(number)"))
        }
    }

    func fill(_ archive: TestArchive) async throws {
        _ = try await archive.writer(cluster: "c").write(entries.map(\.event), deadline: TestArchive.soon)
        let rows = objects.map { object in
            let owner = object.owner.map { objects[$0] }
            return """
                ('\(object.kind)', '\(object.uid)'::uuid, '\(object.namespace)', '\(object.name)',
                \(owner.map { "'\($0.kind)', '\($0.uid)'::uuid, '\($0.name)'" } ?? "NULL, NULL::uuid, NULL"))
                """
        }
        try await archive.execute(
            """
            INSERT INTO kee.object (cluster_id, kind_id, owner_kind_id, chain, uid, owner_uid, namespace, name, owner_name)
            SELECT c.cluster_id, k.kind_id, p.kind_id, 5, v.uid, v.owner_uid, v.namespace, v.name, v.owner_name
            FROM (VALUES \(rows.joined(separator: ",")))
                v(kind, uid, namespace, name, owner_kind, owner_uid, owner_name)
            JOIN kee.cluster c ON c.name = 'c' JOIN kee.kind k ON k.kind = v.kind
            LEFT JOIN kee.kind p ON p.kind = v.owner_kind
            """
        )
    }

    /// Those that have the name and kind, and all below them.
    func tree(_ query: TimelineQuery) -> Set<Int> {
        var tree = Set(
            objects.indices.filter {
                objects[$0].namespace == query.namespace && objects[$0].name == query.name
                    && objects[$0].kind == query.kinds.first?.kind
            }
        )
        while true {
            let more = objects.indices.filter { index in
                !tree.contains(index) && (objects[index].owner.map { tree.contains($0) } ?? false)
            }
            if more.isEmpty { return tree }
            tree.formUnion(more)
        }
    }

    func story(_ query: TimelineQuery) -> [String] {
        let tree = tree(query)
        let sorted = entries.filter { entry in
            tree.contains(entry.object) && (query.since.map { entry.event.time >= $0 } ?? true)
                && (query.until.map { entry.event.time < $0 } ?? true)
                && (query.types.isEmpty || query.types.contains(entry.type))
        }.sorted { ($0.event.time, $0.id) > ($1.event.time, $1.id) }.map(\.uid)
        return query.order == .newestFirst ? sorted : sorted.reversed()
    }
}

@Suite("The story of an object", .timeLimit(.minutes(3))) struct TimelineTests {
    private var soon: ContinuousClock.Instant { TestArchive.soon }

    private func query(_ kind: String, _ name: String, in namespace: String = "shop") -> TimelineQuery {
        TimelineQuery(cluster: "c", namespace: namespace, kinds: [KindReference(kind: kind)], name: name)
    }

    /// All pages; the objects must be the same on each.
    private func all(_ query: TimelineQuery, of archive: TestArchive, limit: Int) async throws -> (
        events: [String], objects: [TimelineObject]
    ) {
        var query = query
        var (events, objects): ([String], [TimelineObject]?) = ([], nil)
        var cursor: EventCursor?
        repeat {
            let page = try await archive.reader.timeline(query, after: cursor, limit: limit, deadline: soon)
            events += try page.events.events().map { $0["metadata"]?["uid"]?.string ?? "" }
            #expect(objects == nil || objects == page.objects)
            (objects, query.recordedUntil, cursor) = (page.objects, page.recordedUntil, page.events.next)
        } while cursor != nil
        return (events, objects ?? [])
    }

    @Test func randomStoriesAreToldAsALookAtEveryEventTellsThem() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed of the stories: \(seed)")
        let forest = try Forest(120, events: 1_500, seed: seed)
        let archive = try await TestArchive()
        try await forest.fill(archive)
        var random = SplitMix64(state: seed)
        for _ in 1...80 {
            var query = query(
                ["Deployment", "ReplicaSet", "Pod"].randomElement(using: &random) ?? "",
                "web-\(Int.random(in: 0..<7, using: &random))",
                in: ["shop", "default"].randomElement(using: &random) ?? ""
            )
            query.order = Bool.random(using: &random) ? .newestFirst : .oldestFirst
            if Int.random(in: 0..<3, using: &random) == 0 { query.types = ["Warning"] }
            let times = forest.entries.map(\.event.time)
            if Int.random(in: 0..<3, using: &random) == 0 { query.since = times.randomElement(using: &random) }
            if Int.random(in: 0..<3, using: &random) == 0 { query.until = times.randomElement(using: &random) }
            let limit = [3, 50, 1_000].randomElement(using: &random) ?? 50
            let told = try await all(query, of: archive, limit: limit)
            #expect(told.events == forest.story(query), "\(query)")
            #expect(Set(told.objects.map(\.uid)) == Set(forest.tree(query).map { forest.objects[$0].uid }), "\(query)")
        }
        await archive.close()
    }

    @Test func withoutARecordOfOwnersItIsTheObjectsOwnStoryAndSaysSo() async throws {
        let archive = try await TestArchive()
        let forest = try Forest(4, events: 40, seed: 1)
        _ = try await archive.writer(cluster: "c").write(
            forest.entries.map(\.event) + [.sample(900, kind: "Deployment", apiVersion: "v1", name: "web-9")],
            deadline: soon
        )
        let object = forest.objects[2]
        let told = try await all(query("Pod", object.name, in: object.namespace), of: archive, limit: 10)
        #expect(Set(told.objects.map(\.chain)) == [.notAsked] && told.objects.map(\.uid).contains(object.uid))
        #expect(told.objects.allSatisfy { $0.isRoot && $0.owner == nil })
        // Without a uid nothing can be said of which object it was, but its events are told.
        let nameless = try await all(query("Deployment", "web-9"), of: archive, limit: 10)
        #expect(nameless.events == ["uid-900"] && nameless.objects.isEmpty)
        await archive.close()
    }

    @Test func whatIsRecordedBetweenPagesDoesNotChangeTheObjects() async throws {
        let forest = try Forest(60, events: 600, seed: 7)
        let archive = try await TestArchive()
        try await forest.fill(archive)
        let root = try #require(
            forest.objects.indices.first { index in
                forest.objects[index].kind == "Deployment" && forest.objects.contains { $0.owner == index }
            }
        )
        var query = query("Deployment", forest.objects[root].name, in: forest.objects[root].namespace)
        let first = try await archive.reader.timeline(query, limit: 2, deadline: soon)
        try await archive.execute(
            """
            INSERT INTO kee.object (cluster_id, kind_id, owner_kind_id, chain, uid, owner_uid, namespace, name, owner_name)
            SELECT cluster_id, kind_id, kind_id, 5, '99999999-0000-4000-8000-000000000000', uid, namespace, 'late', name
            FROM kee.object WHERE uid = '\(forest.objects[root].uid)'
            """
        )
        query.recordedUntil = first.recordedUntil
        let second = try await archive.reader.timeline(query, after: first.events.next, limit: 2, deadline: soon)
        #expect(second.objects == first.objects)
        query.recordedUntil = nil
        let fresh = try await archive.reader.timeline(query, limit: 2, deadline: soon)
        #expect(fresh.objects.map(\.name).contains("late"))
        await archive.close()
    }

    @Test func madeUpUidsFindNothingOfOtherNamespaces() async throws {
        let archive = try await TestArchive()
        let forest = try Forest(60, events: 300, seed: 3)
        try await forest.fill(archive)
        let root = try #require(
            forest.objects.indices.first { index in forest.objects.contains { $0.owner == index } }
        )
        // Somebody who may write events in another namespace claims to have an object of that uid.
        let victim = forest.objects[root]
        try await archive.execute(
            """
            INSERT INTO kee.object (cluster_id, kind_id, chain, uid, namespace, name)
            SELECT cluster_id, kind_id, 4, uid, 'evil', name FROM kee.object WHERE uid = '\(victim.uid)'
            """
        )
        let told = try await all(query(victim.kind, victim.name, in: "evil"), of: archive, limit: 100)
        #expect(told.objects.map(\.namespace) == ["evil"] && told.events.isEmpty)
        await archive.close()
    }

    @Test func manyObjectsAreCutAndThatIsSaid() async throws {
        let archive = try await TestArchive()
        let time = "2026-11-20T00:00:00Z"
        _ = try await archive.writer(cluster: "c").write(
            [
                .sample(1, kind: "CronJob", apiVersion: "v1", name: "nightly", time: time),
                .sample(2, kind: "Job", apiVersion: "v1", name: "nightly-1", time: time),
                .sample(3, kind: "Pod", apiVersion: "v1", name: "nightly-1-a", time: time),
            ],
            deadline: soon
        )
        // 3000 Jobs, each with a Pod; an event of each.
        try await archive.execute(
            """
            INSERT INTO kee.object SELECT c, k, NULL, 5, u(0), NULL, now() - interval '2 days', now(), 'shop', 'nightly', NULL
            FROM (SELECT cluster_id AS c FROM kee.cluster) c, (SELECT kind_id AS k FROM kee.kind WHERE kind = 'CronJob') k,
            LATERAL (SELECT 1) x;
            """.replacing("u(0)", with: "'00000000-0000-4000-8000-000000000000'")
        )
        try await archive.execute(
            """
            INSERT INTO kee.object SELECT c.cluster_id, j.kind_id, k.kind_id, 5,
                ('00000001-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, '00000000-0000-4000-8000-000000000000',
                now() - interval '1 second' * (3001 - n), now(), 'shop', 'nightly-' || n, 'nightly'
            FROM kee.cluster c, kee.kind j, kee.kind k, generate_series(1, 3000) n
            WHERE j.kind = 'Job' AND k.kind = 'CronJob';
            INSERT INTO kee.object SELECT c.cluster_id, p.kind_id, j.kind_id, 5,
                ('00000002-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid,
                ('00000001-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid,
                now() - interval '1 second' * (3001 - n), now(), 'shop', 'nightly-' || n || '-a', 'nightly-' || n
            FROM kee.cluster c, kee.kind j, kee.kind p, generate_series(1, 3000) n
            WHERE j.kind = 'Job' AND p.kind = 'Pod';
            ANALYZE kee.object;
            """
        )
        let page = try await archive.reader.timeline(query("CronJob", "nightly"), limit: 10, deadline: soon)
        #expect(page.objectsAreTruncated)
        #expect(page.objects.count == 1_000)
        #expect(page.objects.prefix(3).map(\.name) == ["nightly", "nightly-3000", "nightly-2999"])
        #expect(page.objects.contains { $0.name == "nightly-3000-a" })
        await archive.close()
    }

    @Test func whoIsNotKnownIsNobody() async throws {
        let archive = try await TestArchive()
        let unknown = await #expect(throws: EventReaderError.self) {
            _ = try await archive.reader.timeline(query("Pod", "web"), limit: 1, deadline: soon)
        }
        #expect(unknown == .unknownCluster("c"))
        _ = try await archive.writer(cluster: "c").write([.sample(1)], deadline: soon)
        for query in [query("Gizmo", "web-1"), query("Pod", "nobody"), query("Pod", "web-1", in: "nowhere")] {
            let page = try await archive.reader.timeline(query, limit: 5, deadline: soon)
            #expect(page.events.count == 0 && page.objects.isEmpty && !page.objectsAreTruncated)
        }
        await archive.close()
    }
}
