import Foundation
import JSON
import TestSupport
import Testing

/// The recording, replayed by one program and asked for through the other; every answer beside a count over the file
/// that is made by other means: gzip and Foundation's JSON.
@Suite("What was replayed is what is answered", .fewAtOnce, .timeLimit(.minutes(5)))
struct RouteCountTests {
    /// What the routes select by, of one line of the recording.
    struct Line: Sendable {
        let namespace: String
        let kind: String
        let group: String
        let name: String
        let body: [UInt8]

        init(_ frame: [UInt8]) throws {
            let object = try #require(JSONSerialization.jsonObject(with: Data(frame)) as? [String: Any])
            let event = try #require(object["object"] as? [String: Any])
            let about = try #require(event["involvedObject"] as? [String: Any])
            namespace = try #require((event["metadata"] as? [String: Any])?["namespace"] as? String)
            kind = about["kind"] as? String ?? ""
            let version = about["apiVersion"] as? String ?? ""
            group = version.contains("/") ? String(version.prefix { $0 != "/" }) : ""
            name = about["name"] as? String ?? ""
            body = frame
        }
    }

    /// Spellings that kubectl takes; with a group behind a dot, that group alone.
    static let spellings: [String: [String]] = [
        "Pod": ["po", "pod", "pods", "Pod", "PODS"],
        "Deployment": [
            "deploy", "deployment", "Deployments", "deployments.apps", "deployments.v1.apps", "Deployment.apps",
        ],
        "ReplicaSet": ["rs", "replicasets", "ReplicaSet", "replicasets.apps"],
        "StatefulSet": ["sts", "statefulset", "statefulsets.apps"],
        "DaemonSet": ["ds", "DaemonSets", "daemonsets.apps"],
        "Job": ["job", "jobs", "jobs.batch"],
        "CronJob": ["cj", "cronjobs", "CronJob.batch"],
        "HorizontalPodAutoscaler": ["hpa", "horizontalpodautoscalers", "horizontalpodautoscalers.autoscaling"],
        "Node": ["no", "nodes", "node"],
        "Namespace": ["ns", "namespaces"],
        "Lease": ["leases", "lease.coordination.k8s.io"],
        "PersistentVolumeClaim": ["pvc", "persistentvolumeclaims"],
    ]

    @Test func everyRouteGivesWhatACountOverTheFileSays() async throws {
        let database = try await PostgresServer.shared().freshDatabase()
        let lines = try await Demo.lines().map { try Line($0) }
        for cluster in ["demo", "other"] {
            #expect(try await replay([Demo.path], into: database, cluster: cluster).exit == .code(0))
        }
        try await withQuery(database) { _, client, _ in
            try await newestOfEachCluster(client)
            #expect(try await client.allItems("/events/demo").count == lines.count)
            #expect(try await client.allItems("/events?order=asc").count == 2 * lines.count)
            for (namespace, inside) in Dictionary(grouping: lines, by: \.namespace) {
                let place = "/events/demo/\(namespace)"
                #expect(try await client.allItems(place).count == inside.count, "\(place)")
                try await kinds(place, inside, client)
                try await objects(place, inside, client)
            }
            try await clusters(client, lines)
            #expect(try await client.get("/events/nowhere").status == 404)
            #expect(try await client.get("/events/demo/nowhere").items().isEmpty)
        }
    }

    private func newestOfEachCluster(_ client: QueryClient) async throws {
        for (path, count) in [("/events", 5), ("/events?perCluster=3", 3)] {
            let newest = try await client.get(path).items()
            for cluster in ["demo", "other"] {
                let mine = newest.filter { $0["cluster"]?.string == cluster }
                #expect(mine.count == count)
                #expect(mine == (try await client.get("/events/\(cluster)?limit=\(count)").items()))
            }
            #expect(newest.count == 2 * count)
        }
    }

    private func kinds(_ place: String, _ lines: [Line], _ client: QueryClient) async throws {
        for (kind, ofKind) in Dictionary(grouping: lines, by: \.kind) {
            // A kind that is none of these is asked for as it is written.
            for spelling in Self.spellings[kind] ?? [kind] {
                // `deployments.v1.apps` and `deployments.apps` mean the group; `pods` means any.
                let group = spelling.firstIndex(of: ".").map { dot in
                    spelling[dot...].dropFirst().replacing(/^v1\./, with: "")
                }
                let expected = ofKind.filter { group == nil || $0.group == group! }
                let asked = try await client.allItems("\(place)/\(spelling)")
                #expect(asked.count == expected.count, "\(place)/\(spelling)")
                #expect(try await client.allItems("\(place)?kind=\(spelling)").count == expected.count)
            }
        }
    }

    private func objects(_ place: String, _ lines: [Line], _ client: QueryClient) async throws {
        for (name, ofName) in Dictionary(grouping: lines, by: \.name).sorted(by: { $0.key < $1.key }).prefix(12) {
            let escaped = try #require(name.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
            #expect(try await client.allItems("\(place)/\(escaped)").count == ofName.count, "\(place)/\(name)")
            for (kind, ofBoth) in Dictionary(grouping: ofName, by: \.kind) {
                let object = "\(place)/\(kind.lowercased())/\(escaped)"
                #expect(try await client.allItems(object).count == ofBoth.count, "\(object)")
            }
        }
    }

    private func clusters(_ client: QueryClient, _ lines: [Line]) async throws {
        let answer = try await client.get("/clusters")
        let clusters = try answer.items()
        #expect(clusters.compactMap { $0["name"]?.string }.sorted() == ["demo", "other"], "\(answer)")
        #expect(clusters.allSatisfy { $0["events"]?.int64 == Int64(lines.count) }, "\(answer)")
    }

    @Test func everyEventReadsBackEqual() async throws {
        let database = try await PostgresServer.shared().freshDatabase()
        #expect(try await replay([Demo.path], into: database).exit == .code(0))
        let sent = try await Demo.lines().map { try #require(try JSONDocument(parsing: $0).root["object"]) }
        try await withQuery(database) { _, client, _ in
            let back = try await client.allItems("/events/demo")
            let byIdentity = Dictionary(back.map { ($0.identity, $0) }) { first, _ in first }
            #expect(byIdentity.count == sent.count)
            for event in sent {
                let answer = try #require(byIdentity[event.identity])
                #expect(answer["cluster"]?.string == "demo")
                #expect(try answer.without("cluster") == event.withoutManagedFields(), "\(event.identity)")
            }
        }
    }
}

extension JSONValue {
    /// What tells one observation from another.
    var identity: String {
        "\(self["metadata"]?["uid"]?.string ?? "?") \(self["metadata"]?["resourceVersion"]?.string ?? "?")"
    }

    /// The object without one of its members.
    func without(_ key: String) throws -> JSONValue {
        try object(members.filter { $0.key.string != key }.map { ($0.key, $0.value) })
    }

    func withoutManagedFields() throws -> JSONValue {
        try object(
            members.map { ($0.key, $0.key.string == "metadata" ? try $0.value.without("managedFields") : $0.value) }
        )
    }

    private func object(_ members: [(Key, JSONValue)]) throws -> JSONValue {
        var bytes = Array("{".utf8)
        for (number, (key, value)) in members.enumerated() {
            bytes +=
                (number > 0 ? [UInt8(ascii: ",")] : []) + key.json.jsonBytes + [UInt8(ascii: ":")] + value.jsonBytes
        }
        return try JSONDocument(parsing: bytes + [UInt8(ascii: "}")]).root
    }
}
