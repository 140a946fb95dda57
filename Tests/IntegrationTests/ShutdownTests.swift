import Foundation
import HTTPTransfer
import JSON
import Postgres
import TestSupport
import Testing

@Suite("SIGTERM in the midst of work", .fewAtOnce, .timeLimit(.minutes(5)))
struct ShutdownTests {
    private let database: String

    init() async throws {
        database = try await PostgresServer.shared().freshDatabase()
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func theCollectorCommitsWhatItTook(_ signal: Int32) async throws {
        try await FakeAPIServer.run { api in
            let kubeconfig = try Kubeconfig(server: api.url)
            let acknowledged = try await withCollector(database, kubeconfig: kubeconfig.path) { run, management in
                try await api.waitForWatches()
                return try await whileEventsCome(to: api) {
                    try await eventually("load", ask: { try await Database.events(in: database) }) { $0 > 1000 }
                    run.signal(signal)
                    // As long as it answers: what it says that it has committed.
                    var acknowledged = 0.0
                    while let now = try? await management.metric(#"kee_events_sent_total{cluster="live"}"#) {
                        acknowledged = max(acknowledged, now)
                    }
                    #expect(try await run.waitForExit(within: .seconds(10)) == .code(0), "\(run.now.errors)")
                    return acknowledged
                }
            }
            let versions = try await Database.values("SELECT rv::text FROM kee.event ORDER BY rv", in: database)
            #expect(Double(versions.count) >= acknowledged)
            // A quick collector may have taken all that had come; then this is what is left for the next one.
            api.put([FakeAPIServer.Event(name: "behind-the-end")])
            // In order, and none left out: the archive ends where the collector stopped.
            let sent = api.store.changes.map { "\($0.version)" }
            #expect(versions == Array(sent.prefix(versions.count)))

            // The next one goes on there.
            try await withCollector(database, kubeconfig: kubeconfig.path) { _, _ in
                try await eventually("the rest", ask: { try await Database.events(in: database) }) { $0 == sent.count }
            }
        }
    }

    /// Puts events while `body` runs.
    private func whileEventsCome<Value: Sendable>(
        to api: FakeAPIServer,
        _ body: () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                var number = 0
                while !Task.isCancelled {
                    api.put((number..<number + 20).map { FakeAPIServer.Event(name: "e\($0)") })
                    number += 20
                    // The pace of the load.
                    try? await Task.sleep(for: .milliseconds(20))
                }
            }
            defer { group.cancelAll() }
            return try await body()
        }
    }

    @Test func queriesUnderWayGetTheirAnswers() async throws {
        let count = 300
        let stored = try await replay(["-"], into: database, input: .bytes(MadeEvents.lines(0..<count)))
        #expect(stored.exit == .code(0), "\(stored.errors)")
        try await withQuery(database) { run, client, management in
            try await eventually("readiness", ask: { try await management.get("/readyz").status }) { $0 == 200 }
            #expect(try await client.get("/events/demo").status == 200)
            try await withThrowingTaskGroup(of: Answer.self) { group in
                try await Database.withSession(database) { session in
                    try await session.execute("BEGIN; LOCK TABLE kee.event", deadline: .now + .seconds(10))
                    for _ in 0..<3 { group.addTask { try await client.get("/events/demo?limit=1000") } }
                    let waiting = """
                        SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
                        """
                    try await eventually(
                        "requests under way",
                        ask: { try await Database.number(waiting, in: database) },
                        until: { $0 == 3 }
                    )
                    run.signal(SIGTERM)
                    // Nothing new is taken any more, and what is under way goes on.
                    try await eventually("a closed door", ask: { await refusal(of: client.address) }) { $0 }
                    #expect(run.now.exit == nil)
                    try await session.execute("COMMIT", deadline: .now + .seconds(10))
                }
                for try await answer in group {
                    #expect(answer.status == 200)
                    #expect(try answer.items().count == count)
                }
            }
            #expect(try await run.waitForExit(within: .seconds(10)) == .code(0))
        }
    }

    private func refusal(of address: String) async -> Bool {
        do {
            _ = try await QueryClient(address).get("/livez")
            return false
        } catch {
            return (error as? HTTPTransferError)?.kind == .refused
        }
    }

    @Test func noAnswerIsCutShortUnderLoad() async throws {
        let count = 300
        #expect(
            try await replay(["-"], into: database, input: .bytes(MadeEvents.lines(0..<count))).exit == .code(0)
        )
        try await withQuery(database) { run, client, _ in
            let answered = Observed(0)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        while true {
                            do {
                                let answer = try await client.get("/events/demo?limit=1000")
                                #expect(answer.status == 200)
                                #expect(try answer.items().count == count)
                                answered.change { $0 += 1 }
                            } catch is HTTPTransferError {
                                // Refused, or still in the kernel's queue when the door was closed: no answer at all.
                                return
                            }
                        }
                    }
                }
                try await answered.wait { $0 > 20 }
                run.signal(SIGTERM)
                #expect(try await run.waitForExit(within: .seconds(10)) == .code(0))
                try await group.waitForAll()
            }
        }
    }

    @Test func aReplayInTheMiddleCountsWhatIsCommitted() async throws {
        let folder = try TemporaryDirectory()
        let file = try await offPool { try folder.write(MadeEvents.lines(0..<40_000), to: "big.json") }
        let arguments = ["replay", "--cluster", "demo", "--database-url", database, file]
        try await ProgramRun.run("kee-collector", arguments) { run in
            try await eventually("rows", ask: { try await Database.events(in: database) }) { $0 > 0 }
            run.signal(SIGTERM)
            #expect(try await run.waitForExit(within: .seconds(10)) == .code(0), "\(run.now.errors)")
            let rows = try await Database.events(in: database)
            #expect(rows < 40_000, "it was stopped in the midst of work")
            #expect(run.now.output == "read=\(rows) stored=\(rows) duplicate=0 rejected=0\n")
        }
    }

    @Test func aReplayThatWaitsForItsInput() async throws {
        let arguments = ["replay", "--cluster", "demo", "--database-url", database, "-"]
        try await ProgramRun.run("kee-collector", arguments, input: .endless(MadeEvents.lines(0..<3000))) { run in
            try await eventually("rows", ask: { try await Database.events(in: database) }) { $0 > 0 }
            run.signal(SIGTERM)
            #expect(try await run.waitForExit(within: .seconds(10)) == .code(0), "\(run.now.errors)")
            let rows = try await Database.events(in: database)
            #expect(run.now.output == "read=\(rows) stored=\(rows) duplicate=0 rejected=0\n")
        }
    }
}
