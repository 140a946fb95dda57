/// A cluster to make events of: namespaces, objects and nodes, few of them busy and many quiet.
struct GeneratedCluster {
    let name: String
    /// Its part of all events.
    let share: Double
    let namespaces: [String]
    let nodes: [String]
    private let namespaceChoice: WeightedChoice

    init(name: String, share: Double) {
        self.name = name
        self.share = share
        namespaces =
            ["kube-system", "monitoring"] + (1...18).map { "team-\($0)-prod" }
            + (1...40).map { "preview-pr-\($0 * 37)" }
        nodes = (1...40).map { "ip-10-0-\($0 % 8)-\($0 * 5).eu-west-1.compute.internal" }
        namespaceChoice = WeightedChoice(namespaces.indices.map { 1 / Double($0 + 1) })
    }

    static let all = [
        GeneratedCluster(name: "prod-eu", share: 0.6), GeneratedCluster(name: "prod-us", share: 0.3),
        GeneratedCluster(name: "staging", share: 0.1),
    ]

    /// Where an event happens.
    struct Scene {
        let namespace: String
        let application: String
        let node: String
        /// Of the object within its namespace: small numbers are busy.
        let object: Int
    }

    func scene(_ random: inout RandomSource) -> Scene {
        let index = namespaceChoice.index(&random)
        let fraction = Double.random(in: 0..<1, using: &random)
        let object = Int(fraction * fraction * Double(20 + 400 / (index + 1)))
        return Scene(
            namespace: namespaces[index],
            application: Self.applications[(object + index) % Self.applications.count],
            node: nodes[(object * 7 + index) % nodes.count],
            object: object
        )
    }

    private static let applications = [
        "api-gateway", "checkout", "payments", "orders", "search", "catalog", "web-frontend", "auth-service",
        "session-cache", "ingest-worker", "etl-nightly", "report-builder", "ml-inference", "prometheus-server",
        "node-exporter", "fluent-bit", "coredns", "kafka", "postgres", "redis",
    ]
}
