import EventModel
import EventReader
import EventSchema
import EventWriter
import HTTPTransfer
import JSON
import KubernetesAPI
import Logging
import Postgres
import TestSupport
import Testing

@testable import Owners

@Suite("Owners are recorded when events are written", .timeLimit(.minutes(2))) struct OwnerRecorderTests {
    private let deployment = FakeAPIServer.Object("Deployment", "apps/v1", name: "web")

    @Test func theStoryOfADeploymentHasItsSetsAndPodsTheDeletedOnesToo() async throws {
        try await OwnerFixture.run { fixture in
            let api = fixture.api
            let (old, new) = (
                FakeAPIServer.Object("ReplicaSet", "apps/v1", name: "web-1"),
                FakeAPIServer.Object("ReplicaSet", "apps/v1", name: "web-2")
            )
            let pods = ["web-1-a", "web-1-b", "web-2-a"].map { FakeAPIServer.Object("Pod", name: $0) }
            let stranger = FakeAPIServer.Object("Pod", name: "alone")
            api.put(deployment)
            for set in [old, new] { api.put(set, ownedBy: deployment) }
            api.put(pods[0], ownedBy: old)
            api.put(pods[1], ownedBy: old)
            api.put(pods[2], ownedBy: new)
            api.put(stranger)
            try await fixture.happens(to: deployment, old, pods[0], pods[1], stranger)
            let first = [
                "Deployment web 5", "ReplicaSet web-1 5 web", "Pod web-1-a 5 web-1", "Pod web-1-b 5 web-1",
                "Pod alone 5",
            ]
            try await eventually("owners", ask: { try await fixture.records() }) { $0 == first.sorted() }

            // They go, and their last events come when they are gone.
            for gone in [old, pods[0], pods[1]] { api.delete(gone) }
            try await fixture.happens(to: old, pods[0], new, pods[2])
            let all = first + ["ReplicaSet web-2 5 web", "Pod web-2-a 5 web-2"]
            try await eventually("owners", ask: { try await fixture.records() }) { $0 == all.sorted() }

            let story = try await fixture.timeline("Deployment", "web")
            #expect(
                try story.subjects
                    == ["web-2-a", "web-2", "web-1-a", "web-1", "web-1-b", "web-1-a", "web-1", "web"]
            )
            #expect(Set(story.objects.map(\.name)) == ["web", "web-1", "web-2", "web-1-a", "web-1-b", "web-2-a"])
            #expect(story.objects.first?.isRoot == true && story.objects.allSatisfy { $0.chain == .known })
            let set = try await fixture.timeline("ReplicaSet", "web-1")
            #expect(try set.subjects == ["web-1-a", "web-1", "web-1-b", "web-1-a", "web-1"])
            #expect(set.objects.first?.owner?.name == "web")
            // Each was asked for once, and with no more than its metadata.
            for object in [deployment, old, new] + pods { #expect(api.questions(about: object) == 1) }
            #expect(
                api.requests.allSatisfy {
                    $0.accept == "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json"
                }
            )
        }
    }

    @Test func twoOfOneNameAreToldApart() async throws {
        try await OwnerFixture.run { fixture in
            var (sets, pods): ([FakeAPIServer.Object], [FakeAPIServer.Object]) = ([], [])
            for round in 1...2 {
                let deployment = FakeAPIServer.Object("Deployment", "apps/v1", name: "web")
                sets.append(deployment)
                // The same name again, as a StatefulSet's Pods have.
                let pod = FakeAPIServer.Object("Pod", name: "web-0")
                pods.append(pod)
                fixture.api.put(deployment)
                fixture.api.put(pod, ownedBy: deployment)
                try await fixture.happens(to: deployment, pod)
                try await eventually("owners", ask: { try await fixture.records().count }) { $0 == 2 * round }
            }
            let story = try await fixture.timeline("Deployment", "web")
            #expect(story.objects.map { "\($0.uid)" } == [1, 0].map { sets[$0].uid } + [1, 0].map { pods[$0].uid })
            #expect(story.objects.compactMap(\.owner).map { "\($0.uid)" } == [1, 0].map { sets[$0].uid })
            #expect(try story.subjects == ["web-0", "web", "web-0", "web"])
        }
    }

    @Test func anObjectThatIsAnotherByNowHasNoOwnerOfIts() async throws {
        try await OwnerFixture.run { fixture in
            let before = FakeAPIServer.Object("Pod", name: "web-0")
            var after = before
            after.uid = FakeAPIServer.Object("Pod", name: "x").uid
            fixture.api.put(after, ownedBy: deployment)
            let gone = FakeAPIServer.Object("Pod", name: "web-1")
            try await fixture.happens(to: before, gone)
            try await fixture.recorded("Pod web-0 4", "Pod web-1 3")
            #expect(try await fixture.timeline("Pod", "web-0").objects.map(\.chain) == [.replaced])
            #expect(try await fixture.timeline("Pod", "web-1").objects.map(\.chain) == [.gone])
            #expect(try await fixture.timeline("Deployment", "web").objects.isEmpty)
        }
    }

    @Test func whatMayNotBeReadIsSaidToBeForbiddenAndAskedOnlyOnceInAWhile() async throws {
        try await OwnerFixture.run { fixture in
            let pods = (0..<20).map { FakeAPIServer.Object("Pod", name: "web-\($0)") }
            for pod in pods { fixture.api.put(pod, ownedBy: deployment) }
            fixture.api.put(deployment)
            fixture.api.forbid(["pods"])
            // A first refusal may be that of a server which is starting.
            try await eventually(
                "a refusal that is believed",
                ask: {
                    try await fixture.happens(to: pods[0])
                    return try await fixture.records()
                },
                until: { $0 == ["Pod web-0 1"] }
            )
            let asked = fixture.api.requests.count
            for pod in pods { try await fixture.happens(to: pod) }
            try await eventually("the others", ask: { try await fixture.records().count }) { $0 == 20 }
            #expect(fixture.api.requests.count == asked)
            #expect(try await fixture.timeline("Pod", "web-7").objects.map(\.chain) == [.forbidden])
        }
    }

    @Test func anOwnerThatMayNotBeReadIsStillKnownByItsName() async throws {
        try await OwnerFixture.run { fixture in
            let pod = FakeAPIServer.Object("Pod", name: "web-a")
            let set = FakeAPIServer.Object("ReplicaSet", "apps/v1", name: "web")
            fixture.api.put(pod, ownedBy: set)
            fixture.api.put(set, ownedBy: deployment)
            fixture.api.forbid(["replicasets"])
            try await fixture.happens(to: pod)
            try await fixture.recorded("Pod web-a 5 web", "ReplicaSet web 0")
            #expect(try await fixture.timeline("ReplicaSet", "web").objects.map(\.name) == ["web", "web-a"])
        }
    }

    @Test func kindsOfOthersAreFoundByDiscovery() async throws {
        try await OwnerFixture.run { fixture in
            let rollout = FakeAPIServer.Object("Rollout", "argoproj.io/v1alpha1", name: "web")
            let set = FakeAPIServer.Object("ReplicaSet", "apps/v1", name: "web-1")
            fixture.api.serve(rollout)
            fixture.api.put(rollout)
            fixture.api.put(set, ownedBy: rollout)
            let unserved = FakeAPIServer.Object("Gizmo", "acme.io/v1", name: "g")
            try await fixture.happens(to: set, rollout, unserved)
            try await fixture.recorded("ReplicaSet web-1 5 web", "Rollout web 5", "Gizmo g 2")
            try await fixture.happens(to: unserved, FakeAPIServer.Object("Gizmo", "acme.io/v1", name: "h"))
            try await fixture.recorded("ReplicaSet web-1 5 web", "Rollout web 5", "Gizmo g 2", "Gizmo h 2")
            let discoveries = fixture.api.requests.map(\.path).filter { !$0.contains("/namespaces/") }
            #expect(discoveries.sorted() == ["/apis/acme.io/v1", "/apis/argoproj.io/v1alpha1"])
        }
    }

    @Test func aNodesPodsOfOtherNamespacesAreToldOfToThoseWhoMaySeeThem() async throws {
        try await OwnerFixture.run { fixture in
            let node = FakeAPIServer.Object("Node", namespace: "", name: "node-1")
            let mirrors = ["kube-system", "edge"].map {
                FakeAPIServer.Object("Pod", namespace: $0, name: "proxy-node-1")
            }
            for pod in mirrors { fixture.api.put(pod, ownedBy: node) }
            try await fixture.happens(to: node, mirrors[0], mirrors[1])
            try await fixture.recorded("Node node-1 0", "Pod proxy-node-1 5 node-1", "Pod proxy-node-1 5 node-1")
            let all = try await fixture.timeline("Node", "node-1", in: "default")
            #expect(try all.subjects == ["proxy-node-1", "proxy-node-1", "node-1"])
            let one = Visibility.only(["c": .only(["default", "edge"])])
            let part = try await fixture.timeline("Node", "node-1", in: "default", visibility: one)
            #expect(part.objects.map(\.namespace) == ["", "edge"])
            #expect(try part.subjects == ["proxy-node-1", "node-1"])
            // Of an owner in no namespace those are told who may see `default`.
            let readers: [(namespaces: Set<String>, owner: String?)] = [
                (["edge"], nil), (["edge", "default"], "node-1"),
            ]
            for reader in readers {
                let pod = try await fixture.timeline(
                    "Pod",
                    "proxy-node-1",
                    in: "edge",
                    visibility: .only(["c": .only(reader.namespaces)])
                )
                #expect(pod.objects.first?.owner?.name == reader.owner)
            }
            let nothing = try await fixture.timeline("Pod", "proxy-node-1", in: "edge", visibility: .only([:]))
            #expect(nothing.objects.isEmpty && nothing.events.count == 0)
        }
    }

    @Test func whatFindsNoRoomComesUpAtItsNextEvent() async throws {
        var limits = OwnerFixture.quick
        (limits.waiting, limits.batch) = (3, 1)
        try await OwnerFixture.run(limits: limits) { fixture in
            let pods = (0..<10).map { FakeAPIServer.Object("Pod", name: "web-\($0)") }
            for pod in pods { fixture.api.put(pod) }
            let events = try pods.enumerated().map { try OwnerFixture.event($0, about: $1) }
            fixture.recorder.offer(events)
            try await eventually("three of ten", ask: { try await fixture.records().count }) { $0 == 3 }
            try await eventually(
                "the others",
                ask: {
                    fixture.recorder.offer(events)
                    return try await fixture.records().count
                },
                until: { $0 == 10 }
            )
            #expect(fixture.api.requests.count == 10)
        }
    }

    @Test func aFailureIsNotRecordedAndLeavesNothingBehind() async throws {
        try await OwnerFixture.run { fixture in
            let pod = FakeAPIServer.Object("Pod", name: "web-a")
            fixture.api.put(pod, ownedBy: deployment)
            fixture.api.put(deployment)
            fixture.api.refuseNext(3, [.object], with: .close)
            try await fixture.happens(to: pod)
            try await fixture.api.waitForRequests { !$0.isEmpty }
            try await eventually(
                "an answer at a later event",
                ask: {
                    try await fixture.happens(to: pod)
                    return try await fixture.records()
                },
                until: { $0 == ["Deployment web 5", "Pod web-a 5 web"] }
            )
        }
    }

    @Test func afterARestartTheArchiveIsAskedFirst() async throws {
        let archive = try await TestArchive()
        try await FakeAPIServer.run { api in
            let pod = FakeAPIServer.Object("Pod", name: "web-a")
            api.put(pod, ownedBy: deployment)
            api.put(deployment)
            try await OwnerFixture.run(archive: archive, api: api) { fixture in
                try await fixture.happens(to: pod)
                try await fixture.recorded("Deployment web 5", "Pod web-a 5 web")
            }
            try await archive.execute("UPDATE kee.object SET seen_at = now() - interval '3 days'")
            let asked = api.requests.count
            // It has gone meanwhile: what was known stays known.
            api.delete(pod)
            try await OwnerFixture.run(archive: archive, api: api) { fixture in
                try await fixture.happens(to: pod)
                try await eventually(
                    "the sight of both",
                    ask: {
                        try await archive.value(
                            "SELECT count(*) FROM kee.object WHERE seen_at > now() - '1h'::interval"
                        )
                    },
                    until: { $0 == "2" }
                )
                try await fixture.recorded("Deployment web 5", "Pod web-a 5 web")
            }
            #expect(api.requests.count == asked)
        }
        await archive.close()
    }

    @Test func whatIsKnownIsNotOverwrittenByWhatIsNot() async throws {
        let archive = try await TestArchive()
        let store = OwnerStore(cluster: "c", pool: archive.writing)
        let kind = ObjectKind(apiVersion: "v1", kind: "Pod")
        let pod = ObjectReference(uid: OwnerWalkTests.uid(1), kind: kind, namespace: "shop", name: "web")
        let owner = ObjectRecord.Owner(uid: OwnerWalkTests.uid(2), kind: kind, name: "owner")
        for record in [
            ObjectRecord(pod, .notAsked), ObjectRecord(pod, .forbidden), ObjectRecord(pod, .known, owner: owner),
            ObjectRecord(pod, .notAsked), ObjectRecord(pod, .gone), ObjectRecord(pod, .replaced),
            ObjectRecord(pod, .known),
        ] {
            try await store.write([record], deadline: TestArchive.soon)
        }
        let known = try await store.records(of: [pod], deadline: TestArchive.soon)
        #expect(known == [pod.uid: ObjectRecord(pod, .known, owner: owner)])
        // A forged uid under another name stands beside it.
        var forged = pod
        forged.namespace = "evil"
        try await store.write([ObjectRecord(forged, .replaced)], deadline: TestArchive.soon)
        #expect(try await store.records(of: [pod], deadline: TestArchive.soon) == known)
        await archive.close()
    }

    @Test func objectsGoWithTheMonthsOfTheirLastEvents() async throws {
        let archive = try await TestArchive()
        let store = OwnerStore(cluster: "c", pool: archive.writing)
        let kind = ObjectKind(apiVersion: "v1", kind: "Pod")
        let pods = (1...2).map {
            ObjectReference(uid: OwnerWalkTests.uid($0), kind: kind, namespace: "shop", name: "web-\($0)")
        }
        try await store.write(pods.map { ObjectRecord($0, .known) }, deadline: TestArchive.soon)
        try await archive.execute("UPDATE kee.object SET seen_at = '2020-01-05' WHERE name = 'web-1'")
        _ = try await archive.writer(cluster: "c").write(
            [.sample(1, time: "2020-01-05T00:00:00Z")],
            deadline: TestArchive.soon
        )
        try await archive.writing.withConnection(deadline: TestArchive.soon) { connection in
            let retired = try await EventRetention(months: 2).retire(
                at: WallClock.now,
                on: connection,
                logger: Logger(label: "test"),
                deadline: TestArchive.soon
            )
            #expect(retired.count == 1)
        }
        #expect(try await archive.value("SELECT string_agg(name, ',') FROM kee.object") == "web-2")
        await archive.close()
    }

    @Test func whileItDoesNotRunItTakesNothing() async throws {
        let archive = try await TestArchive()
        try await FakeAPIServer.run { api in
            let pod = FakeAPIServer.Object("Pod", name: "web-a")
            api.put(pod)
            let kept = Observed<OwnerRecorder?>(nil)
            try await OwnerFixture.run(archive: archive, api: api) { fixture in
                kept.change { $0 = fixture.recorder }
                try await fixture.happens(to: pod)
                try await fixture.recorded("Pod web-a 5")
            }
            let recorder = try #require(kept.value)
            #expect(!recorder.isRunning)
            recorder.offer([try OwnerFixture.event(7, about: FakeAPIServer.Object("Pod", name: "other"))])
            #expect(recorder.waiting == 0)
            #expect(api.requests.count == 1)
        }
        await archive.close()
    }
}
