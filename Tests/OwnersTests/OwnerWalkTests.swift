import EventSchema
import KubernetesAPI
import Testing

@testable import Owners

@Suite("A walk up the chains of owners") struct OwnerWalkTests {
    private static let pods = APIResource(group: "", version: "v1", name: "pods", kind: "Pod", isNamespaced: true)
    private static let sets = APIResource(
        group: "apps",
        version: "v1",
        name: "replicasets",
        kind: "ReplicaSet",
        isNamespaced: true
    )
    private static let nodes = APIResource(group: "", version: "v1", name: "nodes", kind: "Node", isNamespaced: false)

    static func uid(_ number: Int) -> UUIDBits { UUIDBits(high: 0x4000, low: UInt64(number)) }

    private func pod(_ number: Int) -> ObjectReference {
        ObjectReference(
            uid: Self.uid(number),
            kind: ObjectKind(apiVersion: "v1", kind: "Pod"),
            namespace: "shop",
            name: "web-\(number)"
        )
    }

    private func set(_ number: Int) -> ObjectReference {
        ObjectReference(
            uid: Self.uid(number),
            kind: ObjectKind(apiVersion: "apps/v1", kind: "ReplicaSet"),
            namespace: "shop",
            name: "web"
        )
    }

    private func metadata(_ number: Int, ownedBy owner: ObjectReference? = nil) -> OwnerWalk.Answer {
        .metadata(
            ObjectMetadata(
                uid: "\(Self.uid(number))",
                controller: owner.map {
                    .init(apiVersion: $0.kind.apiVersion, kind: $0.kind.kind, name: $0.name, uid: "\($0.uid)")
                }
            )
        )
    }

    private func owner(_ object: ObjectReference) -> ObjectRecord.Owner {
        ObjectRecord.Owner(uid: object.uid, kind: object.kind, name: object.name)
    }

    private func question(_ object: ObjectReference) -> OwnerWalk.Question {
        OwnerWalk.Question(object: object, resource: object.kind.kind == "Pod" ? Self.pods : Self.sets)
    }

    @Test func podsOfOneSetAskForItOnce() {
        var walk = OwnerWalk([pod(1), pod(2), pod(1)]) { _ in false }
        #expect(walk.start() == .resolve([pod(1), pod(2)]))
        #expect(walk.resolved([.resource(Self.pods), .resource(Self.pods)]) == .recall([pod(1), pod(2)]))
        #expect(walk.recalled([:]) == .ask([question(pod(1)), question(pod(2))]))
        #expect(walk.answered([metadata(1, ownedBy: set(9)), metadata(2, ownedBy: set(9))]) == .resolve([set(9)]))
        #expect(walk.resolved([.resource(Self.sets)]) == .recall([set(9)]))
        #expect(walk.recalled([:]) == .ask([question(set(9))]))
        #expect(
            walk.answered([metadata(9)])
                == .record([
                    ObjectRecord(pod(1), .known, owner: owner(set(9))),
                    ObjectRecord(pod(2), .known, owner: owner(set(9))), ObjectRecord(set(9), .known),
                ])
        )
        for number in [1, 2, 9] { #expect(walk.holds(Self.uid(number)) == OwnerWalk.whole) }
    }

    @Test func whatTheArchiveKnowsIsNotAskedAndSeenToBeInUse() {
        let known = ObjectRecord(pod(1), .known, owner: owner(set(9)))
        var walk = OwnerWalk([pod(1)]) { _ in false }
        _ = walk.start()
        _ = walk.resolved([.resource(Self.pods)])
        #expect(walk.recalled([Self.uid(1): known]) == .resolve([set(9)]))
        _ = walk.resolved([.resource(Self.sets)])
        #expect(
            walk.recalled([Self.uid(9): ObjectRecord(set(9), .gone)])
                == .record([known, ObjectRecord(set(9), .gone)])
        )
    }

    @Test(arguments: [ObjectChain.notAsked, .forbidden, .unserved])
    func whatTheArchiveDoesNotKnowForGoodIsAskedAgain(chain: ObjectChain) {
        var walk = OwnerWalk([pod(1)]) { _ in false }
        _ = walk.start()
        _ = walk.resolved([.resource(Self.pods)])
        #expect(walk.recalled([Self.uid(1): ObjectRecord(pod(1), chain)]) == .ask([question(pod(1))]))
    }

    @Test func anotherObjectsOwnerIsNeverTaken() {
        var walk = OwnerWalk([pod(1)]) { _ in false }
        _ = walk.start()
        _ = walk.resolved([.resource(Self.pods)])
        _ = walk.recalled([:])
        #expect(walk.answered([metadata(2, ownedBy: set(9))]) == .record([ObjectRecord(pod(1), .replaced)]))
    }

    @Test func anOwnerThatIsAnotherByNowIsKnownByNameOnly() {
        var walk = OwnerWalk([pod(1)]) { _ in false }
        _ = walk.start()
        _ = walk.resolved([.resource(Self.pods)])
        _ = walk.recalled([:])
        _ = walk.answered([metadata(1, ownedBy: set(9))])
        _ = walk.resolved([.resource(Self.sets)])
        _ = walk.recalled([:])
        #expect(
            walk.answered([metadata(10)])
                == .record([ObjectRecord(pod(1), .known, owner: owner(set(9))), ObjectRecord(set(9), .replaced)])
        )
    }

    @Test(arguments: [
        (OwnerWalk.Answer.gone, ObjectChain.gone, OwnerWalk.whole), (.forbidden, .forbidden, OwnerWalk.inPart),
        (.unserved, .unserved, OwnerWalk.inPart),
    ])
    func whatCannotBeKnownIsSaidSo(answer: OwnerWalk.Answer, chain: ObjectChain, holds: Duration) {
        var walk = OwnerWalk([pod(1)]) { _ in false }
        _ = walk.start()
        _ = walk.resolved([.resource(Self.pods)])
        _ = walk.recalled([:])
        #expect(walk.answered([answer]) == .record([ObjectRecord(pod(1), chain)]))
        #expect(walk.holds(Self.uid(1)) == holds)
    }

    @Test func whatFailedIsNotRecordedAndAskedAtTheNextEvent() {
        var walk = OwnerWalk([pod(1), pod(2)]) { _ in false }
        _ = walk.start()
        _ = walk.resolved([.resource(Self.pods), .resource(Self.pods)])
        _ = walk.recalled([:])
        _ = walk.answered([.failed, metadata(2, ownedBy: set(9))])
        _ = walk.resolved([.resource(Self.sets)])
        _ = walk.recalled([:])
        #expect(
            walk.answered([.failed])
                == .record([ObjectRecord(pod(2), .known, owner: owner(set(9))), ObjectRecord(set(9), .notAsked)])
        )
        // The pod is known, but its chain is not: its next event brings it up again.
        for number in [1, 2, 9] { #expect(walk.holds(Self.uid(number)) == nil) }
    }

    @Test func aChainHoldsAsLongAsItsWeakestLink() {
        var walk = OwnerWalk([pod(1)]) { _ in false }
        _ = walk.start()
        _ = walk.resolved([.resource(Self.pods)])
        _ = walk.recalled([:])
        _ = walk.answered([metadata(1, ownedBy: set(9))])
        _ = walk.resolved([.resource(Self.sets)])
        _ = walk.recalled([:])
        _ = walk.answered([.forbidden])
        #expect(walk.holds(Self.uid(1)) == OwnerWalk.inPart)
    }

    @Test func anOwnerThatIsSettledIsNotWalkedTo() {
        var walk = OwnerWalk([pod(1)]) { $0 == Self.uid(9) }
        _ = walk.start()
        _ = walk.resolved([.resource(Self.pods)])
        _ = walk.recalled([:])
        #expect(
            walk.answered([metadata(1, ownedBy: set(9))])
                == .record([ObjectRecord(pod(1), .known, owner: owner(set(9)))])
        )
        #expect(walk.holds(Self.uid(1)) == OwnerWalk.whole)
    }

    @Test func whatBelongsToTheClusterLiesInNoNamespace() {
        let node = ObjectReference(
            uid: Self.uid(7),
            kind: ObjectKind(apiVersion: "v1", kind: "Node"),
            namespace: "kube-system",
            name: "node-1"
        )
        var walk = OwnerWalk([node]) { _ in false }
        _ = walk.start()
        var placed = node
        placed.namespace = ""
        #expect(walk.resolved([.unowned(isNamespaced: false)]) == .record([ObjectRecord(placed, .notAsked)]))
        var asking = OwnerWalk([node]) { _ in false }
        _ = asking.start()
        #expect(asking.resolved([.resource(Self.nodes)]) == .recall([placed]))
    }

    @Test func aCircleAndAnEndlessChainComeToAnEnd() {
        var circle = OwnerWalk([pod(1)]) { _ in false }
        _ = circle.start()
        _ = circle.resolved([.resource(Self.pods)])
        _ = circle.recalled([:])
        _ = circle.answered([metadata(1, ownedBy: set(9))])
        _ = circle.resolved([.resource(Self.sets)])
        _ = circle.recalled([:])
        guard case .record(let records) = circle.answered([metadata(9, ownedBy: pod(1))]) else {
            Issue.record("the walk goes round")
            return
        }
        #expect(records.count == 2)
        #expect(circle.holds(Self.uid(1)) == OwnerWalk.whole)

        var endless = OwnerWalk([set(1)]) { _ in false }
        var action = endless.start()
        var asked = 0
        while case .resolve(let objects) = action, asked < 100 {
            asked += 1
            _ = endless.resolved([.resource(Self.sets)])
            _ = endless.recalled([:])
            let next = set(asked + 1)
            action = endless.answered([metadata(asked, ownedBy: next)])
            #expect(objects == [set(asked)])
        }
        #expect(asked == OwnerWalk.mostLevels)
    }

    @Test func nothingIsAWalkOfNoSteps() {
        var walk = OwnerWalk([]) { _ in false }
        #expect(walk.start() == .record([]))
    }
}
