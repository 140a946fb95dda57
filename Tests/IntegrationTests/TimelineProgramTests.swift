import JSON
import TestSupport
import Testing

@Suite("The story of a Deployment, from an API server to an answer", .fewAtOnce, .timeLimit(.minutes(5)))
struct TimelineProgramTests {
    private let database: String
    private let deployment = FakeAPIServer.Object("Deployment", "apps/v1", name: "web")
    private let set = FakeAPIServer.Object("ReplicaSet", "apps/v1", name: "web-5d9c")
    private let pod = FakeAPIServer.Object("Pod", name: "web-5d9c-x7k2p")

    init() async throws {
        database = try await PostgresServer.shared().freshDatabase()
    }

    private func begin(_ api: FakeAPIServer) {
        api.put(deployment)
        api.put(set, ownedBy: deployment)
        api.put(pod, ownedBy: set)
        for object in [deployment, set, pod] {
            api.put(FakeAPIServer.Event(about: object, name: object.name + ".1"))
        }
    }

    private func chains(_ client: QueryClient) async throws -> [String: String] {
        let answer = try await client.get("/timeline/live/shop/deploy/web")
        guard answer.status == 200 else { return [:] }
        let objects = try answer.json()["objects"]?.elements.map { $0 } ?? []
        return Dictionary(
            objects.map { ($0["name"]?.string ?? "?", $0["chain"]?.string ?? "?") },
            uniquingKeysWith: { _, last in last }
        )
    }

    @Test func aPodThatIsGoneIsStillInTheStoryOfItsDeployment() async throws {
        try await FakeAPIServer.run { api in
            begin(api)
            let kubeconfig = try Kubeconfig(server: api.url)
            try await withQuery(database) { _, client, _ in
                try await withCollector(database, kubeconfig: kubeconfig.path) { _, management in
                    let known = Dictionary(uniqueKeysWithValues: [deployment, set, pod].map { ($0.name, "known") })
                    try await eventually("the chain", ask: { try await chains(client) }) { $0 == known }
                    #expect(try await management.metric(#"kee_owners_recorded_total{chain="known"}"#) >= 3)
                }
                // It goes, and the collector is another process by then.
                for object in [set, pod] { api.delete(object) }
                let asked = api.requests.filter { $0.kind == .object }.count
                try await withCollector(database, kubeconfig: kubeconfig.path) { _, _ in
                    api.put(FakeAPIServer.Event(about: pod, name: pod.name + ".2", reason: "Killing"))
                    let path = "/timeline/live/shop/deploy/web"
                    let items = try await eventually("the last event", ask: { try await client.allItems(path) }) {
                        $0.count == 4
                    }
                    #expect(items.filter { $0["reason"]?.string == "Killing" }.count == 1)
                    let names = items.compactMap { $0["involvedObject"]?["name"]?.string }
                    #expect(names.contains(pod.name))
                }
                #expect(api.requests.filter { $0.kind == .object }.count == asked)
            }
        }
    }

    @Test func switchedOffItAsksForNothingAndSaysSo() async throws {
        try await FakeAPIServer.run { api in
            begin(api)
            let kubeconfig = try Kubeconfig(server: api.url)
            try await withCollector(database, ["--owners", "off"], kubeconfig: kubeconfig.path) { _, _ in
                try await withQuery(database) { _, client, _ in
                    try await eventually("the events", ask: { try await Database.events(in: database) }) { $0 == 3 }
                    #expect(try await chains(client) == ["web": "not asked"])
                    #expect(!api.requests.contains { $0.kind == .object })
                }
            }
        }
    }
}
