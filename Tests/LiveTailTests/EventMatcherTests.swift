import EventReader
import EventSchema
import Testing

@testable import LiveTail

@Suite("Matching one event")
struct EventMatcherTests {
    private let event = FedEvent.made(
        cluster: "prod",
        namespace: "shop",
        kind: "Deployment",
        apiVersion: "apps/v1",
        reason: "ScalingReplicaSet",
        type: "Normal",
        component: "deployment-controller",
        name: "web",
        message: "Scaled UP replica set"
    )

    private func matches(_ scope: EventQuery.Scope = .everything, _ change: (inout EventQuery) -> Void = { _ in })
        -> Bool
    {
        var query = EventQuery(scope)
        change(&query)
        return EventMatcher(query).matches(event) { FoldedText(utf8: event.message) }
    }

    @Test func aScopeIsAClusterOrANamespaceOfIt() {
        #expect(matches(.everything))
        #expect(matches(.cluster("prod")) && !matches(.cluster("test")))
        #expect(matches(.namespace(cluster: "prod", namespace: "shop")))
        #expect(!matches(.namespace(cluster: "prod", namespace: "bank")))
        #expect(!matches(.namespace(cluster: "test", namespace: "shop")))
    }

    @Test func listsMeanAnyOfThem() {
        #expect(matches { $0.types = ["Warning", "Normal"] } && !matches { $0.types = ["Warning"] })
        #expect(matches { $0.reasons = ["ScalingReplicaSet"] } && !matches { $0.reasons = ["scalingreplicaset"] })
        #expect(matches { $0.components = ["kubelet", "deployment-controller"] } && !matches { $0.components = ["k"] })
    }

    @Test func aKindMayHaveAGroup() {
        #expect(matches { $0.kinds = [KindReference(kind: "Deployment")] })
        #expect(matches { $0.kinds = [KindReference(kind: "Pod"), KindReference(kind: "Deployment", group: "apps")] })
        #expect(!matches { $0.kinds = [KindReference(kind: "Deployment", group: "app")] })
        #expect(!matches { $0.kinds = [KindReference(kind: "Deployment", group: "")] })
        #expect(!matches { $0.kinds = [KindReference(kind: "Pod", group: "apps")] })
    }

    @Test func aNameIsWholeAndATextIsAPartInAnyCase() {
        #expect(matches { $0.name = "web" } && !matches { $0.name = "we" })
        #expect(matches { $0.text = "scaled up" } && matches { $0.text = "REPLICA" } && !matches { $0.text = "down" })
        // As the database does it: the letters of ASCII only.
        let message = FoldedText(utf8: Array("ZIMMER IST GROß, ÄRGER".utf8))
        #expect(message.contains(FoldedText("ist groß")) && !message.contains(FoldedText("ärger")))
        #expect(!FoldedText("ab").contains(FoldedText("abc")) && FoldedText("").contains(FoldedText("")))
    }

    @Test func whatIsNotVisibleDoesNotMatch() {
        #expect(matches { $0.visibility = .only(["prod": .all]) })
        #expect(matches { $0.visibility = .only(["prod": .only(["bank", "shop"])]) })
        #expect(!matches { $0.visibility = .only(["prod": .only(["bank"])]) })
        #expect(!matches { $0.visibility = .only(["test": .all]) })
        #expect(!matches { $0.visibility = .only([:]) })
        var matcher = EventMatcher(EventQuery(.everything))
        matcher.restrict(to: .only(["prod": .only([])]))
        #expect(!matcher.matches(event) { FoldedText("") })
    }
}
