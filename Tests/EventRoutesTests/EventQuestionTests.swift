import EventReader
import HTTPTypes
import Testing

@testable import EventRoutes

@Suite("Questions")
struct EventQuestionTests {
    private func question(_ path: EventPath, _ query: String = "") throws -> EventQuestion {
        let parameters = try EventParameters(query: query)
        return try EventQuestion(
            path,
            parameters,
            kindsOfPath: path.kind.flatMap { KindCatalog.builtIn.kinds(for: $0) },
            kindsOfParameters: parameters.kinds.map { KindCatalog.builtIn.kinds(for: $0) },
            now: 10_000_000_000_000
        )
    }

    @Test func aScopeComesFromThePath() throws {
        #expect(try question(.everything, "limit=1").query == EventQuery(.everything))
        #expect(try question(.cluster("c")).query == EventQuery(.cluster("c")))
        let namespace = EventPath.namespace(cluster: "c", namespace: "n")
        #expect(try question(namespace).query == EventQuery(.namespace(cluster: "c", namespace: "n")))
    }

    @Test func theThirdPartIsAKindOrElseAName() throws {
        let kind = try question(.resource(cluster: "c", namespace: "n", resource: "PODS")).query
        #expect(kind.kinds == [KindReference(kind: "Pod")])
        #expect(kind.name == nil)
        let name = try question(.resource(cluster: "c", namespace: "n", resource: "Web")).query
        #expect(name.kinds == [])
        #expect(name.name == "Web")
    }

    @Test func theFourthPartIsAName() throws {
        let pod = try question(.object(cluster: "c", namespace: "n", kind: "po", name: "pod")).query
        #expect(pod.kinds == [KindReference(kind: "Pod")])
        #expect(pod.name == "pod")
        let unknown = try question(.object(cluster: "c", namespace: "n", kind: "gizmos", name: "x")).query
        #expect(unknown.kinds == [KindReference(kind: "gizmos")], "which selects nothing")
    }

    @Test func parametersNarrowThePath() throws {
        let path = EventPath.resource(cluster: "c", namespace: "n", resource: "deployments")
        let apps = try question(path, "kind=deployments.apps&kind=pod").query
        #expect(apps.kinds == [KindReference(kind: "Deployment", group: "apps")])
        #expect(problem(path, "kind=pod") == "kind")
        #expect(problem(.object(cluster: "c", namespace: "n", kind: "po", name: "a"), "name=b") == "name")
        #expect(problem(.resource(cluster: "c", namespace: "n", resource: "web"), "name=b") == "name")
        #expect(problem(.resource(cluster: "c", namespace: "n", resource: "web"), "name=web") == nil)
    }

    @Test func anUnknownKindIsAskedForAsItStands() throws {
        let query = try question(.everything, "kind=Gizmo&kind=po&kind=Pod").query
        #expect(query.kinds == [KindReference(kind: "Gizmo"), KindReference(kind: "Pod")])
    }

    @Test func aRangeMustHoldSomething() throws {
        let query = try question(.everything, "since=2h&until=1h").query
        #expect(query.since == 9_992_800_000_000)
        #expect(query.until == 9_996_400_000_000)
        #expect(problem(.everything, "since=1h&until=2h") == "since")
        #expect(problem(.everything, "since=1h&until=60m") == "since")
        #expect(problem(.everything, "since=2026-01-01T00:00:00Z&until=2026-01-01T00:00:00Z") == "since")
    }

    /// The text of messages has no index; what takes too long is cut off by the time that a request has.
    @Test func aTextIsLookedForInEveryScope() throws {
        #expect(problem(.everything, "q=disk") == nil)
        #expect(problem(.everything, "q=disk&until=1h") == nil)
        #expect(problem(.everything, "q=disk&since=24h") == nil)
        #expect(problem(.cluster("c"), "q=disk") == nil)
        #expect(try question(.cluster("c"), "q=Disk&view=latest&component=kubelet").query.text == "Disk")
    }

    private func problem(_ path: EventPath, _ query: String) -> String? {
        do {
            _ = try question(path, query)
            return nil
        } catch {
            return (error as? Problem)?.parameter
        }
    }

    @Test(
        arguments: [
            ("application/json", true), ("*/*", true), ("application/*", true), ("text/html, */*;q=0.1", true),
            ("application/json;as=Table;v=v1;g=meta.k8s.io, application/json", true), ("Application/JSON", true),
            ("text/csv", false), ("application/x-ndjson", false), ("text/event-stream", false), ("text/plain", false),
            ("application/json;q=0, */*", false), ("*/*;q=0", false), ("application/json; q=0.000", false),
            ("application/json;q=0.5", true), ("text/html,application/*;q=0,*/*", false), ("", true), (" , ", true),
        ]
    )
    func acceptFields(field: String, isTaken: Bool) {
        #expect(((try? AcceptField.requireJSON([.accept: field])) != nil) == isTaken)
    }
}
