import HTTPTypes
import Testing

@testable import EventRoutes

@Suite("Paths")
struct EventPathTests {
    @Test(
        arguments: [
            ("/events", EventPath.everything),
            ("/events/prod", .cluster("prod")),
            ("/events/prod/shop", .namespace(cluster: "prod", namespace: "shop")),
            ("/events/prod/shop/Pod", .resource(cluster: "prod", namespace: "shop", resource: "Pod")),
            ("/events/prod/shop/po/web-1", .object(cluster: "prod", namespace: "shop", kind: "po", name: "web-1")),
            // A slash that is encoded stays in its part, and so does all else.
            ("/events/a%2Fb", .cluster("a/b")),
            (
                "/events/prod/shop/system%3Anode%2F1",
                .resource(cluster: "prod", namespace: "shop", resource: "system:node/1")
            ),
            ("/events/prod/a+b", .namespace(cluster: "prod", namespace: "a+b")),
            ("/events/..", .cluster("..")),
            ("/events/%2e%2e/%2e", .namespace(cluster: "..", namespace: ".")),
        ]
    )
    func names(path: String, expected: EventPath) throws {
        #expect(try EventPath(path) == expected)
    }

    /// A shell variable that is empty must not widen the question to the whole cluster.
    @Test(arguments: ["/events/", "/events//", "/events/prod/", "/events//shop", "/events/prod//pod", "//events", "//"])
    func anEmptyPartIsNoRoute(path: String) {
        #expect(Route(path: path) == nil)
        #expect { try EventPath(path) } throws: { ($0 as? Problem)?.status == .notFound }
    }

    @Test(arguments: [
        "", "/", "/Events", "/event", "/eventsx", "/events/a/b/c/d/e", "/clusters/prod", "/clusters/prod/coverage/x",
        "/clusters//coverage", "/metrics",
    ])
    func whatIsNoRoute(path: String) {
        #expect(Route(path: path) == nil)
        #expect { try EventPath(path) } throws: { ($0 as? Problem)?.status == .notFound }
    }

    @Test(
        arguments: [
            ("/events/%ff", "cluster"), ("/events/prod/%", "namespace"), ("/events/prod/shop/%00", "resource"),
            ("/events/prod/shop/%zz/web", "kind"), ("/events/prod/shop/po/%c3", "name"),
        ]
    )
    func whatCannotBeDecodedIsNamed(path: String, parameter: String) {
        #expect { try EventPath(path) } throws: {
            ($0 as? Problem)?.status == .badRequest && ($0 as? Problem)?.parameter == parameter
        }
    }
}
