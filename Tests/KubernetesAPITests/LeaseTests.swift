import HTTPTransfer
import JSON
import Logging
import TestSupport
import Testing

@testable import KubernetesAPI

@Suite("Leases", .timeLimit(.minutes(1))) struct LeaseTests {
    private let second = Duration.seconds(10)

    private func client(_ server: FakeAPIServer) -> KubernetesClient {
        KubernetesClient(
            configuration: ClientConfiguration(server: server.url),
            http: HTTPClient(),
            version: "1",
            logger: Logger(label: "test")
        )
    }

    private func mine() -> Lease {
        var lease = Lease(namespace: "kee", name: "collector")
        lease.holderIdentity = "pod-a"
        lease.leaseDurationSeconds = 15
        lease.acquireTime = MicroTime(microseconds: 1_795_226_770_000_000)
        lease.renewTime = MicroTime(microseconds: 1_795_226_770_422_740)
        lease.leaseTransitions = 0
        return lease
    }

    @Test func aRecordedLeaseIsRead() throws {
        let lease = try Lease(body: Recordings.body(of: Recordings.answer("lease-create")))
        #expect(lease.namespace == "collector" && lease.name == "collector" && lease.resourceVersion == "1817")
        #expect(lease.holderIdentity == "pod-a" && lease.leaseDurationSeconds == 15 && lease.leaseTransitions == 0)
        #expect(lease.renewTime == MicroTime(microseconds: 1_795_227_170_422_740))
        for body in ["", "{}", #"{"kind":"Lease","metadata":{"name":"a","namespace":"b"}}"#] {
            #expect(throws: Lease.Malformed.self, "\(body)") { try Lease(body: Array(body.utf8)) }
        }
    }

    @Test func timesAlwaysHaveSixDigits() throws {
        let text = String(decoding: mine().body, as: UTF8.self)
        #expect(
            text.contains(#""acquireTime":"2026-11-21T02:06:10.000000Z","renewTime":"2026-11-21T02:06:10.422740Z""#)
        )
    }

    @Test func whatAnUpdateDoesNotKnowItLeaves() throws {
        let body = """
            {"kind":"Lease","metadata":{"name":"n","namespace":"s","uid":"u","resourceVersion":"7",
            "labels":{"a":"b"},"annotations":{"c":"d\\n"},"managedFields":[{"manager":"x"}]},"spec":{}}
            """
        let lease = try Lease(body: Array(body.utf8))
        let root = try JSONDocument(parsing: lease.body).root
        #expect(root["metadata"]?["labels"]?["a"]?.string == "b")
        #expect(root["metadata"]?["annotations"]?["c"]?.string == "d\n")
        #expect(root["metadata"]?["uid"]?.string == "u" && root["metadata"]?["resourceVersion"]?.string == "7")
        #expect(root["metadata"]?["managedFields"] == nil)
    }

    @Test func itIsCreatedOnceReadAndUpdatedByWhoKnowsItsVersion() async throws {
        try await FakeAPIServer.run { server in
            let client = client(server)
            let missing = await #expect(throws: KubernetesAPIError.self) {
                try await client.lease("collector", in: "kee", timeout: second)
            }
            #expect(missing?.isNotFound == true)
            #expect(missing?.status?.message == "leases.coordination.k8s.io \"collector\" not found")

            let created = try await client.create(mine(), timeout: second)
            #expect(created.resourceVersion == "1817" && created.holderIdentity == "pod-a")
            let again = await #expect(throws: KubernetesAPIError.self) {
                try await client.create(mine(), timeout: second)
            }
            #expect(again?.isAlreadyExists == true && again?.isConflict == false)
            #expect(again.map { "\($0)" }?.contains("POST \(server.url)/apis/coordination.k8s.io/v1") == true)

            var renewed = try await client.lease("collector", in: "kee", timeout: second)
            #expect(renewed == created)
            renewed.renewTime = .now
            let updated = try await client.update(renewed, timeout: second)
            #expect(updated.resourceVersion == "1818" && updated.renewTime == renewed.renewTime)

            let late = await #expect(throws: KubernetesAPIError.self) {
                try await client.update(renewed, timeout: second)
            }
            #expect(late?.isConflict == true && late?.isAlreadyExists == false && late?.isTransient == false)
            let blind = await #expect(throws: KubernetesAPIError.self) {
                try await client.update(mine(), timeout: second)
            }
            #expect(blind?.status?.code == 422)
            #expect(server.requests.map(\.method) == ["GET", "POST", "POST", "GET", "PUT", "PUT", "PUT"])
        }
    }

    @Test func anAnswerThatDoesNotComeIsNotWaitedForBeyondTheTimeout() async throws {
        try await ScriptedHTTPServer.run(answer: { _ in [.silence] }) { server in
            let client = KubernetesClient(
                configuration: ClientConfiguration(server: server.url),
                http: HTTPClient(),
                version: "1",
                logger: Logger(label: "test")
            )
            let error = await #expect(throws: KubernetesAPIError.self) {
                try await client.lease("a", in: "b", timeout: .milliseconds(100))
            }
            #expect(error?.isTransient == true)
        }
    }
}
