import HTTPTransfer
import JSON
import KubernetesAPI
import Logging
import MetricsTestKit
import ServiceLifecycle
import TestSupport
import Testing

@testable import LeaderElection

/// Over real HTTP, against leases with the rules of the recorded servers.
@Suite("Leader election", .timeLimit(.minutes(2))) struct LeaderElectorTests {
    private static let key = "kee/collector"

    /// Who leads now, and who ever did, in order.
    private struct Leading: Sendable {
        var now: Set<String> = []
        var history: [String] = []
        var most = 0

        mutating func begin(_ name: String) {
            now.insert(name)
            history.append(name)
            most = max(most, now.count)
        }
    }

    private static var quick: LeaseTiming {
        var timing = LeaseTiming()
        // Much longer than the deadline, so that a busy machine has the time to stop what it stops.
        timing.duration = .seconds(2)
        timing.renewDeadline = .milliseconds(700)
        timing.retryPeriod = .milliseconds(50)
        return timing
    }

    private static var logger: Logger {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }

    private func client(_ server: FakeAPIServer) -> KubernetesClient {
        KubernetesClient(
            configuration: ClientConfiguration(server: server.url),
            http: HTTPClient(),
            version: "1",
            logger: Self.logger
        )
    }

    private func elector(
        _ identity: String,
        _ leases: any LeaseStore,
        timing: LeaseTiming = LeaderElectorTests.quick,
        metrics: TestMetrics = TestMetrics()
    ) throws -> LeaderElector {
        try LeaderElector(
            leases: leases,
            namespace: "kee",
            name: "collector",
            identity: identity,
            timing: timing,
            metrics: LeaderElectionMetrics(factory: metrics),
            logger: Self.logger
        )
    }

    /// Leads until it is cancelled, and says so.
    private func body(_ name: String, _ leading: Observed<Leading>) -> @Sendable () async throws -> Void {
        {
            leading.change { $0.begin(name) }
            defer { leading.change { _ = $0.now.remove(name) } }
            try await Task.sleep(for: .seconds(1000))
        }
    }

    @Test func aTimingThatCannotWorkIsRefused() {
        var timing = LeaseTiming()
        timing.renewDeadline = .seconds(20)
        #expect(throws: LeaseTimingError.self) {
            try LeaderElector(
                leases: ScriptedLeases { _ in },
                namespace: "n",
                name: "l",
                identity: "i",
                timing: timing,
                logger: Self.logger
            )
        }
    }

    @Test func oneLeadsTheOtherStandsByAndTakesOverWhenTheLeaseIsReleased() async throws {
        try await FakeAPIServer.run { server in
            // So long that an expiry would fail the test.
            var timing = LeaseTiming()
            timing.duration = .seconds(600)
            timing.renewDeadline = .seconds(300)
            timing.retryPeriod = .milliseconds(50)
            let leading = Observed(Leading())
            let metrics = TestMetrics()
            let first = try elector("a", client(server), timing: timing, metrics: metrics)
            let second = try elector("b", client(server), timing: timing)
            try await withThrowingTaskGroup(of: Void.self) { group in
                let campaign = Task { try await first.run(whileLeading: body("a", leading)) }
                try await leading.wait { $0.now == ["a"] }
                group.addTask { try await second.run(whileLeading: body("b", leading)) }
                try await eventually("b sees who leads") {
                    second.status.snapshot.holder
                } until: {
                    $0 == "a"
                }
                #expect(first.status.snapshot.isLeading && !second.status.snapshot.isLeading)
                #expect(try metrics.expectGauge("leader").lastValue == 1)
                campaign.cancel()
                _ = await campaign.result
                try await leading.wait { $0.now == ["b"] }
                #expect(leading.value.history == ["a", "b"] && leading.value.most == 1)
                #expect(server.leases.holders.contains(""), "it was released")
                #expect(server.leases.objects[Self.key]?["leaseTransitions"]?.int64 == 1)
                #expect(try metrics.expectGauge("leader").lastValue == 0)
                #expect(try metrics.expectCounter("leader_transitions_total").totalValue == 2)
                group.cancelAll()
                while await group.nextResult() != nil {}
            }
            #expect(server.leases.objects[Self.key]?.holder == "")
        }
    }

    @Test func whenTheHolderVanishesAnotherTakesOver() async throws {
        try await FakeAPIServer.run { server in
            let leading = Observed(Leading())
            // It holds the lease and never renews it.
            var gone = Lease(namespace: "kee", name: "collector")
            gone.holderIdentity = "gone"
            gone.leaseDurationSeconds = 1
            gone.renewTime = .now
            gone.leaseTransitions = 4
            _ = try await client(server).create(gone, timeout: .seconds(10))
            let elector = try elector("a", client(server))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await elector.run(whileLeading: body("a", leading)) }
                try await leading.wait { $0.now == ["a"] }
                #expect(server.leases.objects[Self.key]?["leaseTransitions"]?.int64 == 5)
                group.cancelAll()
                while await group.nextResult() != nil {}
            }
        }
    }

    @Test func aLeaderThatCannotRenewIsStoppedAndCampaignsAgain() async throws {
        try await FakeAPIServer.run { server in
            let leading = Observed(Leading())
            let elector = try elector("a", client(server))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await elector.run(whileLeading: body("a", leading)) }
                try await leading.wait { $0.now == ["a"] }
                await server.stop()
                try await leading.wait { $0.now.isEmpty }
                #expect(!elector.status.snapshot.isLeading)
                try await eventually("the standing error") {
                    elector.status.snapshot.standingError
                } until: {
                    $0 != nil
                }
                try await server.start()
                try await leading.wait { $0.history == ["a", "a"] && !$0.now.isEmpty }
                #expect(elector.status.snapshot.standingError == nil && elector.status.snapshot.isLeading)
                group.cancelAll()
                while await group.nextResult() != nil {}
            }
        }
    }

    @Test func aLeaderWhoseRenewalHangsIsStoppedAtItsDeadline() async throws {
        let leading = Observed(Leading())
        let hanging = ScriptedLeases { write in
            // The first write makes it the leader; the next one is not answered, whatever its timeout was.
            if write == 2 { try? await Task.sleep(for: .seconds(1000)) }
        }
        let elector = try elector("a", hanging)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await elector.run(whileLeading: body("a", leading)) }
            try await leading.wait { $0.now == ["a"] }
            try await leading.wait { $0.now.isEmpty }
            group.cancelAll()
            while await group.nextResult() != nil {}
        }
    }

    @Test func aLeaderThatFindsAnotherNameOnTheLeaseStops() async throws {
        try await FakeAPIServer.run { server in
            let leading = Observed(Leading())
            let elector = try elector("a", client(server))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await elector.run(whileLeading: body("a", leading)) }
                try await leading.wait { $0.now == ["a"] }
                server.changeLease(Self.key) { lease in
                    lease.spec = lease.spec.replacing("\"a\"", with: "\"usurper\"")
                }
                try await leading.wait { $0.now.isEmpty }
                #expect(elector.status.snapshot.holder == "usurper")
                group.cancelAll()
                while await group.nextResult() != nil {}
            }
            #expect(server.leases.objects[Self.key]?.holder == "usurper", "what is not ours is not released")
        }
    }

    @Test func labelsOfTheLeaseStayAndDisturbNobody() async throws {
        try await FakeAPIServer.run { server in
            let leading = Observed(Leading())
            let elector = try elector("a", client(server))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await elector.run(whileLeading: body("a", leading)) }
                try await leading.wait { $0.now == ["a"] }
                server.changeLease(Self.key) { $0.labels = "{\"team\":\"ops\"}" }
                let renewals = server.leases.holders.count
                try await server.waitForLeases { $0.holders.count >= renewals + 3 }
                #expect(server.leases.objects[Self.key]?.labels == "{\"team\":\"ops\"}")
                server.deleteLease(Self.key)
                try await server.waitForLeases { $0.objects[Self.key]?.holder == "a" }
                #expect(leading.value.history == ["a"])
                group.cancelAll()
                while await group.nextResult() != nil {}
            }
        }
    }

    @Test func onAGracefulShutdownTheLeaseIsRenewedUntilTheWorkIsDoneAndThenReleased() async throws {
        try await FakeAPIServer.run { server in
            let elector = try elector("a", client(server))
            let steps = Observed<[String]>([])
            let drained = ScriptedHTTPServer.Gate()
            let service = Work {
                try await elector.run {
                    steps.change { $0.append("leads") }
                    try? await gracefulShutdown()
                    steps.change { $0.append("drains") }
                    try await drained.wait()
                    steps.change { $0.append("holder \(server.leases.objects[Self.key]?.holder ?? "")") }
                }
            }
            let group = ServiceGroup(services: [service], logger: Self.logger)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                try await steps.wait { $0 == ["leads"] }
                await group.triggerGracefulShutdown()
                try await steps.wait { $0.last == "drains" }
                let renewals = server.leases.holders.count
                try await server.waitForLeases { $0.holders.count >= renewals + 2 }
                drained.open()
                try await tasks.waitForAll()
            }
            #expect(steps.value == ["leads", "drains", "holder a"])
            #expect(server.leases.holders.last == "" && server.leases.holders.filter { $0.isEmpty }.count == 1)
            #expect(!elector.status.snapshot.isLeading)
        }
    }

    @Test func aGracefulShutdownEndsACampaign() async throws {
        try await FakeAPIServer.run { server in
            var other = Lease(namespace: "kee", name: "collector")
            other.holderIdentity = "other"
            other.leaseDurationSeconds = 600
            _ = try await client(server).create(other, timeout: .seconds(10))
            let elector = try elector("a", client(server))
            let service = Work { try await elector.run { Issue.record("it led") } }
            let group = ServiceGroup(services: [service], logger: Self.logger)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                try await server.waitForRequests { $0.count >= 3 }
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
            #expect(server.leases.objects[Self.key]?.holder == "other")
        }
    }

    private struct Broken: Error {}

    @Test func whenTheWorkFailsTheLeaseIsReleasedAndTheErrorThrown() async throws {
        try await FakeAPIServer.run { server in
            let elector = try elector("a", client(server))
            await #expect(throws: Broken.self) { try await elector.run { throw Broken() } }
            #expect(server.leases.objects[Self.key]?.holder == "" && !elector.status.snapshot.isLeading)
            let done = try self.elector("b", client(server))
            // What ends by itself is done.
            try await done.run {}
            #expect(server.leases.holders == ["a", "", "b", ""])
        }
    }

    @Test(arguments: [1, 2] as [UInt64])
    func withRequestsThatFailAtRandomNeverDoTwoLead(seed: UInt64) async throws {
        try await FakeAPIServer.run { server in
            let leading = Observed(Leading())
            let electors = try ["a", "b"].enumerated().map { index, name in
                try elector(name, FlakyLeases(client(server), seed: seed &* 7 &+ UInt64(index)))
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (elector, name) in zip(electors, ["a", "b"]) {
                    group.addTask { try await elector.run(whileLeading: body(name, leading)) }
                }
                try await leading.wait { !$0.now.isEmpty }
                // For a while; each of them loses the lease when enough renewals fail in a row.
                try await server.waitForLeases { $0.holders.count >= 40 }
                group.cancelAll()
                while await group.nextResult() != nil {}
            }
            #expect(leading.value.most == 1, "\(leading.value.history)")
        }
    }
}

private struct Work: Service {
    let work: @Sendable () async throws -> Void
    func run() async throws { try await work() }
}
