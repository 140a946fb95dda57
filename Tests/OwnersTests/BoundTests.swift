import EventModel
import EventSchema
import KubernetesAPI
import TestSupport
import Testing

@testable import Owners

@Suite("The bounds of what the recording of owners takes") struct BoundTests {
    private let start = ContinuousClock.now

    private func objects(_ numbers: Range<Int>) -> [ObjectReference] {
        numbers.map {
            ObjectReference(
                uid: OwnerWalkTests.uid($0),
                kind: ObjectKind(apiVersion: "v1", kind: "Pod"),
                namespace: "shop",
                name: "web-\($0)"
            )
        }
    }

    @Test func whatFindsNoRoomIsDroppedAndMayComeAgain() {
        var queue = OwnerQueue(limit: 3, settledLimit: 10)
        #expect(queue.offer(objects(0..<5), at: start) == .init(queued: 3, dropped: 2))
        #expect(queue.offer(objects(0..<3), at: start) == .init())
        let taken = queue.take(2)
        #expect(taken == objects(0..<2))
        // What is being asked about is not taken twice.
        #expect(queue.offer(objects(0..<5), at: start) == .init(queued: 2, dropped: 0))
        queue.done(taken, settled: [OwnerWalkTests.uid(0): start + .seconds(10)])
        _ = queue.take(9)
        #expect(queue.offer(objects(0..<2), at: start) == .init(queued: 1, dropped: 0))
        #expect(queue.offer(objects(0..<1), at: start + .seconds(10)) == .init(queued: 1, dropped: 0))
        queue.forgetWaiting()
        #expect(queue.isEmpty && queue.offer(objects(0..<9), at: start + .seconds(10)).queued == 3)
    }

    @Test func ofManyTheLatelyMetAreRemembered() {
        var settled = SettledObjects(limit: 100)
        let end = start + .seconds(60)
        for number in 0..<10_000 {
            settled.insert(OwnerWalkTests.uid(number), until: end)
            // One that is met over and over stays.
            let first = settled.contains(OwnerWalkTests.uid(0), at: start)
            #expect(first)
            #expect(settled.count <= 100)
        }
        for number in 9_960..<10_000 {
            let isRemembered = settled.contains(OwnerWalkTests.uid(number), at: start)
            #expect(isRemembered)
        }
        let (isOld, isOver) = (
            settled.contains(OwnerWalkTests.uid(5_000), at: start), settled.contains(OwnerWalkTests.uid(9_999), at: end)
        )
        #expect(!isOld && !isOver)
    }

    @Test func aRefusalIsBelievedWhenItComesAgain() {
        let pods = APIResource(group: "", version: "v1", name: "pods", kind: "Pod", isNamespaced: true)
        var forbidden = ForbiddenResources()
        #expect(forbidden.refused(pods, in: "a", at: start) == .doubtful)
        #expect(forbidden.refused(pods, in: "a", at: start + .milliseconds(40)) == .doubtful)
        #expect(!forbidden.isForbidden(pods, in: "a", at: start + .milliseconds(40)))
        let later = start + .seconds(2)
        #expect(forbidden.refused(pods, in: "a", at: later) == .forbidden(isNews: true))
        #expect(forbidden.isForbidden(pods, in: "a", at: later + .seconds(599)))
        #expect(!forbidden.isForbidden(pods, in: "a", at: later + ForbiddenResources.age))
        #expect(!forbidden.isForbidden(pods, in: "b", at: later))
        // It is told of once, wherever else it is refused.
        #expect(forbidden.refused(pods, in: "b", at: later) == .forbidden(isNews: false))
        forbidden.allowed(pods, in: "a")
        #expect(!forbidden.isForbidden(pods, in: "a", at: later))
        for number in 0..<3_000 { _ = forbidden.refused(pods, in: "n-\(number)", at: later) }
    }

    @Test func requestsKeepTheirPaceAndWaitAfterAFailure() {
        var pace = RequestPace(perSecond: 10, burst: 4)
        let waits = (0..<6).map { _ in pace.turn(at: start) }
        #expect(waits == [0, 0, 0, 0, 100, 200].map { .milliseconds($0) })
        pace.failed(at: start, retryAfter: nil)
        #expect(pace.turn(at: start) >= .seconds(1))
        for _ in 0..<20 { pace.failed(at: start, retryAfter: .seconds(3_600)) }
        #expect(pace.turn(at: start) <= RequestPace.longestPause + .seconds(1))
        pace.succeeded()
        let later = start + .seconds(60)
        #expect(pace.turn(at: later) == .zero)
    }
}

@Suite("Which resource a kind is") struct ResourceCatalogTests {
    private let now = ContinuousClock.now

    private func meaning(_ kind: String, _ apiVersion: String) -> ResourceCatalog.Meaning {
        ResourceCatalog().meaning(of: ObjectKind(apiVersion: apiVersion, kind: kind), at: now)
    }

    @Test(arguments: [
        ("Pod", "v1", "pods"), ("Pod", "", "pods"), ("ReplicaSet", "apps/v1", "replicasets"),
        ("Deployment", "extensions/v1beta1", "deployments"), ("Job", "batch/v1", "jobs"),
    ])
    func kubernetesOwnAreKnown(kind: String, apiVersion: String, name: String) {
        guard case .resource(let resource) = meaning(kind, apiVersion) else {
            Issue.record("\(kind) is not known")
            return
        }
        #expect(resource.name == name && resource.isNamespaced && resource.version == "v1")
    }

    @Test func whatIsNeverOwnedIsNotAskedFor() {
        #expect(meaning("Node", "v1") == .unowned(isNamespaced: false))
        #expect(meaning("Secret", "v1") == .unowned(isNamespaced: true))
        #expect(meaning("Lease", "coordination.k8s.io/v1") == .unowned(isNamespaced: true))
        #expect(meaning("Gizmo", "") == .none)
    }

    @Test(arguments: ["acme.io", "acme.io/v1/x", "../v1", "acme.io/..", "ACME.io/v1", "a%2f.b/v1", "acme.io/", "/v1.x"])
    func whatIsNoGroupIsNotDiscovered(apiVersion: String) {
        let meaning = meaning("Gizmo", apiVersion)
        if case .unread = meaning { Issue.record("\(apiVersion) would be asked for") }
        if case .resource = meaning { Issue.record("\(apiVersion) would be asked for") }
    }

    @Test func aDiscoveryHoldsForAWhileAndManyAreForgotten() {
        var catalog = ResourceCatalog()
        let gizmo = ObjectKind(apiVersion: "acme.io/v1", kind: "Gizmo")
        #expect(catalog.meaning(of: gizmo, at: now) == .unread(group: "acme.io", version: "v1"))
        let resource = APIResource(group: "acme.io", version: "v1", name: "gizmos", kind: "Gizmo", isNamespaced: false)
        catalog.read([resource], group: "acme.io", version: "v1", at: now)
        #expect(catalog.meaning(of: gizmo, at: now) == .resource(resource))
        #expect(catalog.meaning(of: ObjectKind(apiVersion: "acme.io/v1", kind: "Other"), at: now) == .none)
        #expect(
            catalog.meaning(of: gizmo, at: now + ResourceCatalog.age) == .unread(group: "acme.io", version: "v1")
        )
        for number in 1...ResourceCatalog.limit {
            catalog.read([], group: "g\(number).io", version: "v1", at: now + .seconds(1))
        }
        #expect(catalog.meaning(of: gizmo, at: now) == .unread(group: "acme.io", version: "v1"))
    }
}

@Suite("What an event is about") struct ObjectReferenceTests {
    private func reference(_ object: String, namespace: String = "shop") throws -> ObjectReference? {
        ObjectReference(
            try Event(
                json: """
                    {"metadata":{"name":"e","namespace":"\(namespace)","creationTimestamp":"2026-11-21T02:00:00Z"},
                    "involvedObject":\(object)}
                    """
            )
        )
    }

    @Test func itIsTakenAsItIsWritten() throws {
        let uid = "8f0b8d84-7b1b-4f8e-9b7e-5c9a0e3f2a11"
        let pod = try reference(#"{"kind":"Pod","namespace":"shop","name":"web","uid":"\#(uid)","apiVersion":"v1"}"#)
        #expect(pod?.namespace == "shop" && pod?.name == "web" && pod.map { "\($0.uid)" } == uid)
        let node = try reference(#"{"kind":"Node","name":"n","uid":"\#(uid)","apiVersion":"v1"}"#, namespace: "default")
        #expect(node?.namespace == "default")
    }

    @Test(arguments: [
        #"{"kind":"Node","name":"node-1","uid":"node-1"}"#, #"{"kind":"Pod","name":"web"}"#,
        #"{"kind":"Pod","name":"../secrets/x","uid":"8f0b8d84-7b1b-4f8e-9b7e-5c9a0e3f2a11"}"#,
        #"{"kind":"Pod","name":"..","uid":"8f0b8d84-7b1b-4f8e-9b7e-5c9a0e3f2a11"}"#,
        #"{"kind":"Pod","name":"a%2fb","uid":"8f0b8d84-7b1b-4f8e-9b7e-5c9a0e3f2a11"}"#,
        #"{"kind":"Pod","name":"a\u0000","uid":"8f0b8d84-7b1b-4f8e-9b7e-5c9a0e3f2a11"}"#,
        #"{"kind":"Pod","name":"","uid":"8f0b8d84-7b1b-4f8e-9b7e-5c9a0e3f2a11"}"#,
        #"{"kind":"Pod","name":"a","namespace":"b/c","uid":"8f0b8d84-7b1b-4f8e-9b7e-5c9a0e3f2a11"}"#,
    ])
    func whatCouldNotBeAskedForIsPassedOver(object: String) throws {
        #expect(try reference(object) == nil)
    }
}
