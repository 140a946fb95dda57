import EventReader
import HTTPTypes
import HummingbirdTesting
import JSON
import NIOCore
import Testing

@testable import EventRoutes

@Suite("The route of a cluster's namespaces")
struct NamespaceRouteTests {
    private func repository() -> MemoryRepository {
        MemoryRepository(
            (0..<6).map {
                MemoryRepository.Event(time: 1_000_000 * $0, id: $0, namespace: ["shop", "a", "b"][Int($0) % 3])
            }
        )
    }

    @Test func aListOfNamesWithTheirCounts() async throws {
        try await ServedAPI(repository()).run { client async throws in
            let response = try await client.get("/clusters/prod/namespaces")
            #expect(response.status == .ok)
            #expect(
                String(buffer: response.body) == """
                    {"kind":"ClusterNamespaceList","apiVersion":"kee/v1","metadata":{},"items":[\
                    {"name":"a","events":2,"firstEvent":"1970-01-01T00:00:01Z","lastEvent":"1970-01-01T00:00:04Z"},\
                    {"name":"b","events":2,"firstEvent":"1970-01-01T00:00:02Z","lastEvent":"1970-01-01T00:00:05Z"},\
                    {"name":"shop","events":2,"firstEvent":"1970-01-01T00:00:00Z","lastEvent":"1970-01-01T00:00:03Z"}]}

                    """
            )
        }
    }

    @Test func pageByPage() async throws {
        try await ServedAPI(repository()).run { client async throws in
            let first = try await client.get("/clusters/prod/namespaces?limit=2")
            #expect(try first.json["items"]?.elements.map { $0["name"]?.string } == ["a", "b"])
            let token = try #require(try first.token)
            let second = try await client.get("/clusters/prod/namespaces?limit=2&continue=\(token)")
            #expect(try second.json["items"]?.elements.map { $0["name"]?.string } == ["shop"])
            #expect(try second.token == nil)
            #expect(try await client.get("/clusters/test/namespaces?continue=\(token)").parameter == "continue")
        }
    }

    @Test(
        arguments: [
            ("/clusters/prod/namespaces?limit=0", "limit"), ("/clusters/prod/namespaces?limit=10001", "limit"),
            ("/clusters/prod/namespaces?continue=AAAA", "continue"), ("/clusters/prod/namespaces?limt=5", "limt"),
            ("/clusters/prod/namespaces?limit=1&limit=1", "limit"), ("/clusters/%ff/namespaces", "cluster"),
            ("/clusters/prod/namespaces?since=1h", "since"),
        ]
    )
    func whatIsWrongIsNamed(uri: String, parameter: String) async throws {
        try await ServedAPI(repository()).run { client async throws in
            let response = try await client.get(uri)
            #expect(response.status == .badRequest)
            #expect(try response.parameter == parameter)
        }
    }

    @Test func anUnknownClusterIsNotFoundAndHeadWorks() async throws {
        try await ServedAPI(repository()).run { client async throws in
            let unknown = try await client.get("/clusters/test/namespaces")
            #expect(unknown.status == .notFound)
            #expect(try unknown.parameter == "cluster")
            #expect(try await client.get("/clusters/prod/namespaces/").status == .notFound)
            for uri in ["/clusters/prod/namespaces", "/clusters", "/events/prod?q=x&view=latest", "/events"] {
                let get = try await client.get(uri)
                let head = try await client.execute(uri: uri, method: .head)
                #expect(head.status == .ok && head.body.readableBytes == 0)
                #expect(head.headers[.contentLength] == get.headers[.contentLength])
            }
        }
    }
}
