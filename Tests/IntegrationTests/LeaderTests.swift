import Foundation
import TestSupport
import Testing

@Suite("Two collectors, of which one leads", .fewAtOnce, .timeLimit(.minutes(5)))
struct LeaderTests {
    private let database: String

    init() async throws {
        database = try await PostgresServer.shared().freshDatabase()
    }

    private struct Replica {
        let program: ProgramRun
        let management: QueryClient

        func leads() async throws -> Bool { try await management.metric("kee_leader") == 1 }
    }

    @Test func whenTheLeaderIsKilledTheOtherTakesOverWhenTheLeaseHasRunOut() async throws {
        try await withReplicas(lease: "4s", renew: "3s") { api, archive, leader, other in
            try await api.whileEventsCome {
                try await archive.rows(200)
                await leader.program.kill()
                // 4 s, and at most 2.2 retry periods; the rest is for a busy machine.
                try await takesOver(other, within: .seconds(20))
                try await api.waitForWatches()
            }
            try await archive.holdsAllOnce()
            #expect(api.wholeLists == 1, "it goes on from the other's cursor")
        }
    }

    @Test func aLeaderThatEndsGivesTheLeaseBack() async throws {
        try await withReplicas(lease: "600s", renew: "400s") { api, archive, leader, other in
            try await api.whileEventsCome {
                try await archive.rows(200)
                leader.program.signal(SIGTERM)
                #expect(try await leader.program.waitForExit(within: .seconds(10)) == .code(0))
                // A retry period, not the ten minutes of the lease.
                try await takesOver(other, within: .seconds(20))
                try await api.waitForWatches()
            }
            try await archive.holdsAllOnce()
            #expect(api.wholeLists == 1)
        }
    }

    @Test func aLeaderThatWasFrozenForLongerThanTheLeaseStandsByAfterwards() async throws {
        try await withReplicas(lease: "3s", renew: "2s") { api, archive, leader, other in
            try await api.whileEventsCome {
                try await archive.rows(200)
                leader.program.signal(SIGSTOP)
                try await takesOver(other, within: .seconds(20))
                // The frozen one still has its watch.
                try await api.waitForWatches(2)
                leader.program.signal(SIGCONT)
                try await eventually("a leader that knows", ask: { try await leader.leads() }) { !$0 }
                try await api.waitForWatches(1)
            }
            try await archive.holdsAllOnce()
            #expect(try await other.leads())
            #expect(try await leader.management.get("/readyz").text == "ok\n")
        }
    }

    private func takesOver(_ replica: Replica, within limit: Duration) async throws {
        try await eventually(within: limit, "another leader", ask: { try await replica.leads() }) { $0 }
    }

    /// Runs two collectors; the first that is given leads, and the other stands by.
    private func withReplicas(
        lease: String,
        renew: String,
        _ body: (FakeAPIServer, LiveArchive, Replica, Replica) async throws -> Void
    ) async throws {
        let flags = [
            "--leader-elect", "--lease-namespace", "kee", "--lease-duration", lease, "--lease-renew-deadline", renew,
            "--lease-retry-period", "500ms",
        ]
        try await FakeAPIServer.run { api in
            let kubeconfig = try Kubeconfig(server: api.url)
            try await withCollector(database, flags, kubeconfig: kubeconfig.path) { program, management in
                let leader = Replica(program: program, management: management)
                try await takesOver(leader, within: .seconds(30))
                try await withCollector(database, flags, kubeconfig: kubeconfig.path) { program, management in
                    let other = Replica(program: program, management: management)
                    for replica in [leader, other] {
                        try await eventually("readiness", ask: { try await replica.management.get("/readyz") }) {
                            $0.status == 200
                        }
                    }
                    _ = try await program.waitForLine(containing: "Another process leads; standing by")
                    #expect(api.openWatches == 1)
                    #expect(try await other.leads() == false)
                    try await body(api, LiveArchive(database: database, api: api), leader, other)
                }
            }
        }
    }
}
