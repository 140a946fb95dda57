import HTTPTypes
import HummingbirdTesting
import JSON
import NIOCore
import Testing

@testable import EventReader
@testable import EventRoutes

@Suite("Event routes")
struct EventRouteTests {
    @Test func aListIsAKubernetesEventList() async throws {
        try await ServedAPI().run { client async throws in
            let response = try await client.get("/events/prod")
            #expect(response.status == .ok)
            #expect(response.headers[.contentType] == "application/json")
            #expect(response.headers[.contentLength] == String(response.body.readableBytes))
            let json = try response.json
            #expect(json["kind"]?.string == "EventList")
            #expect(json["apiVersion"]?.string == "v1")
            #expect(json["metadata"]?["continue"] == nil)
            #expect(try response.names == ["2", "1", "0"])
            #expect(json["items"]?.elements.first { _ in true }?["cluster"]?.string == "prod")
        }
    }

    @Test func nothingFoundIsAnEmptyList() async throws {
        try await ServedAPI().run { client async throws in
            for uri in [
                "/events/prod/nowhere", "/events/prod/shop/deploy", "/events/prod/shop/gizmo/web-1", "/events?type=x",
            ] {
                let response = try await client.get(uri)
                #expect(response.status == .ok)
                #expect(String(buffer: response.body).contains(#""metadata":{},"items":[]"#))
            }
        }
    }

    @Test func eachRouteAsksForItsScope() async throws {
        let served = try ServedAPI()
        try await served.run { client async throws in
            for uri in [
                "/events?limit=1", "/events/prod", "/events/prod/shop", "/events/prod/shop/PO",
                "/events/prod/shop/web-1",
                "/events/prod/shop/pods/a%2Fb",
            ] { #expect(try await client.get(uri).status == .ok) }
        }
        let shop = EventQuery.Scope.namespace(cluster: "prod", namespace: "shop")
        var pods = EventQuery(shop)
        pods.kinds = [KindReference(kind: "Pod")]
        var named = EventQuery(shop)
        named.name = "web-1"
        var object = pods
        object.name = "a/b"
        #expect(
            served.repository.read { $0.questions } == [
                EventQuery(.everything), EventQuery(.cluster("prod")), EventQuery(shop), pods, named, object,
            ]
        )
    }

    @Test func withoutParametersTheNewestOfEachCluster() async throws {
        let events = ["a", "b", "c"].enumerated().flatMap { index, cluster in
            (0..<Int64(8)).map { MemoryRepository.Event(time: $0, id: $0 * 10 + Int64(index), cluster: cluster) }
        }
        try await ServedAPI(MemoryRepository(events)).run { client async throws in
            #expect(try await client.get("/events").names.count == 15)
            #expect(try await client.get("/events?").names.count == 15)
            #expect(try await client.get("/events?perCluster=1").names == ["72", "71", "70"])
            #expect(try await client.get("/events?perCluster=100").names.count == 24)
            #expect(try await client.get("/events?order=desc").names.count == 24, "with a parameter: one stream")
            #expect(try await client.get("/events?perCluster=2&limit=3").parameter == "perCluster")
            #expect(try await client.get("/events/a?perCluster=2").parameter == "perCluster")
        }
    }

    @Test(arguments: [1, 7, 100])
    func pagesReadEveryEventOnceWhileOthersArrive(limit: Int) async throws {
        let served = try ServedAPI(.filled(50))
        try await served.run { client async throws in
            for order in ["desc", "asc"] {
                var names: [String] = []
                var uri = "/events/prod?limit=\(limit)&order=\(order)"
                while true {
                    let page = try await client.get(uri)
                    #expect(page.status == .ok)
                    names += try page.names
                    guard let token = try page.token else { break }
                    uri = "/events/prod?limit=\(limit)&continue=\(token)"
                    // One that is newer than all comes in at each page.
                    served.repository.change { state in
                        let id = Int64(1000 + state.events.count)
                        state.events.append(MemoryRepository.Event(time: 1_000_000 * id, id: id))
                    }
                    guard names.count < 1_000 else { break }
                }
                let old = names.compactMap { Int($0) }.filter { $0 < 50 }
                #expect(old == (order == "asc" ? Array(0..<50) : (0..<50).reversed()))
                #expect(Set(names).count == names.count)
                served.repository.change { state in state.events.removeAll { $0.id >= 50 } }
            }
        }
    }

    @Test func aTokenPinsAndAContradictionIsRefused() async throws {
        try await ServedAPI(.filled(50)).run { client async throws in
            let first = try await client.get("/events/prod/shop/po?since=40000d&limit=5")
            #expect(try first.parameter == "since", "a century at most")
            let page = try await client.get("/events/prod/shop/po?type=Normal&limit=5")
            let token = try #require(try page.token)
            #expect(try await client.get("/events/prod/shop/po?continue=\(token)&limit=1000").names.count == 45)
            #expect(try await client.get("/events/prod/shop/po?continue=\(token)&type=Warning").parameter == "type")
            #expect(try await client.get("/events/prod/shop/pods?continue=\(token)").parameter == "continue")
            #expect(try await client.get("/events/prod?continue=\(token)").parameter == "continue")
            #expect(try await client.get("/events?continue=garbage").parameter == "continue")
        }
    }

    @Test func kindsThatTheArchiveHasSeenAreKinds() async throws {
        let repository = MemoryRepository([MemoryRepository.Event(time: 1, id: 1, kind: "Certificate", name: "tls")])
        try await ServedAPI(repository).run { client async throws in
            #expect(try await client.get("/events/prod/shop/certificates").names == ["1"])
            #expect(try await client.get("/events/prod/shop/CERTIFICATE/tls").names == ["1"])
            #expect(try await client.get("/events/prod/shop/tls").names == ["1"])
            #expect(try await client.get("/events?kind=certificate").names == ["1"])
        }
        // Once a second at most, or a client's made-up names would each ask the archive.
        #expect(repository.read { $0.kindQuestions } <= 4)
    }

    @Test func headAnswersAsGetWithoutABody() async throws {
        try await ServedAPI().run { client async throws in
            for uri in [
                "/events", "/events/prod", "/clusters", "/clusters/prod/coverage", "/livez", "/readyz",
                "/events?limit=0", "/nowhere",
            ] {
                let get = try await client.execute(uri: uri, method: .get)
                let head = try await client.execute(uri: uri, method: .head)
                #expect(head.status == get.status)
                #expect(head.headers[.contentType] == get.headers[.contentType])
                #expect(head.headers[.contentLength] == String(get.body.readableBytes))
                #expect(head.body.readableBytes == 0)
            }
        }
    }

    @Test func clustersAreListed() async throws {
        let repository = MemoryRepository()
        repository.change {
            $0.clusters = [
                ClusterSummary(name: "empty", events: 0, firstEvent: nil, lastEvent: nil),
                ClusterSummary(name: "a\"b", events: 7, firstEvent: 0, lastEvent: 1_500_000),
            ]
        }
        try await ServedAPI(repository).run { client async throws in
            let response = try await client.get("/clusters")
            #expect(
                String(buffer: response.body)
                    == #"{"kind":"ClusterList","apiVersion":"kee/v1","metadata":{},"items":[{"name":"empty","events":0},"#
                    + #"{"name":"a\"b","events":7,"firstEvent":"1970-01-01T00:00:00Z","#
                    + #""lastEvent":"1970-01-01T00:00:01.500000Z"}]}"# + "\n"
            )
            #expect(try await client.get("/clusters?limit=5").parameter == "limit")
        }
    }

    @Test func healthSaysWhatIsWrong() async throws {
        var served = try ServedAPI()
        try await served.run { client async throws in
            #expect(String(buffer: try await client.get("/livez").body) == "ok\n")
            let ready = try await client.get("/readyz")
            #expect(ready.status == .ok)
            #expect(String(buffer: ready.body) == "ok\n")
        }
        served.problems = { ["database: no connection"] }
        try await served.run { client async throws in
            #expect(try await client.get("/livez").status == .ok)
            let ready = try await client.get("/readyz")
            #expect(ready.status == .serviceUnavailable)
            #expect(String(buffer: ready.body) == "database: no connection\n")
        }
    }
}
