import Foundation
import Postgres
import TestSupport

/// One collector with production's settings under an even load: memory, processor time, and how late events are.
public struct LoadRun: Sendable {
    private let options: LoadOptions
    private let server: APIServerProgram
    private let postgres: PostgresServer
    private let database: LoadDatabase
    private let replayDatabase: String
    private let kubeconfig: String
    private let say: @Sendable (String) -> Void

    /// Runs it.
    ///
    /// - Parameter say: takes what is happening, line by line.
    /// - Throws: `ChaosFailure` and others if there is nothing to be measured.
    public static func run(
        _ options: LoadOptions,
        say: @escaping @Sendable (String) -> Void
    ) async throws -> LoadFigures {
        try FileManager.default.createDirectory(atPath: options.folder, withIntermediateDirectories: true)
        let tokens = try TokenFiles(folder: options.folder)
        let server = try APIServerProgram(
            options: ChaosOptions(
                faults: 0,
                events: options.rate * options.seconds,
                seed: options.seed,
                folder: options.folder
            ),
            rate: Double(options.rate),
            objects: options.objects,
            tokenFile: tokens.server
        )
        let postgres = try await PostgresServer.start(settings: LoadDatabase.settings)
        let run = LoadRun(
            options: options,
            server: server,
            postgres: postgres,
            database: LoadDatabase(connectionString: try await postgres.freshDatabase()),
            replayDatabase: try await postgres.freshDatabase(),
            kubeconfig: try tokens.writeKubeconfig(server: server.control.url),
            say: say
        )
        let result: Result<LoadFigures, any Error>
        do { result = .success(try await run.run()) } catch { result = .failure(error) }
        await server.kill()
        try? await postgres.stop(.immediate)
        return try result.get()
    }

    private func run() async throws -> LoadFigures {
        try await server.start(paused: true)
        let collector = try await LoggedProgram.start(
            try ProgramRun.path(of: "kee-collector"),
            [
                "watch", "--cluster", ChaosOptions.cluster, "--database-url", database.connectionString,
                "--kubeconfig", kubeconfig, "--management-listen", "127.0.0.1:0",
                "--spool-dir", "\(options.folder)/spool",
            ],
            log: "\(options.folder)/collector.log"
        )
        let result: Result<LoadFigures, any Error>
        do {
            try await begin(collector)
            result = .success(try await measure(collector))
        } catch {
            result = .failure(error)
        }
        await collector.kill()
        var figures = try result.get()
        try await compare(&figures)
        return figures
    }

    /// Lets one event make its whole way, so that nothing is measured of the start.
    private func begin(_ collector: LoggedProgram) async throws {
        try await eventually(within: .seconds(60), "an open watch") {
            if collector.now != nil {
                throw ChaosFailure("the collector does not start; see \(options.folder)/collector.log")
            }
            return try await server.control.order("status").watches
        } until: {
            $0 > 0
        }
        try await server.control.order("create")
        try await eventually(within: .seconds(60), "a first event in the archive", ask: database.count) { $0 == 1 }
    }

    private func measure(_ collector: LoggedProgram) async throws -> LoadFigures {
        say("The collector (process \(collector.pid)) gets \(options.rate) events/s for \(options.seconds) s ...")
        let reference = CommitReference(database: database)
        var figures = LoadFigures()
        let postmaster = try postgres.postmaster()
        let wal = try await database.walPosition()
        let collectorTime = ProcessFigures.processorTime(of: collector.pid)
        let databaseTime = ProcessFigures.processorTimeOfFamily(of: postmaster)
        let start = ContinuousClock.now
        try await server.control.order("generator?paused=0")
        figures.memory = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await reference.run() }
            let memory = try await memory(of: collector)
            group.cancelAll()
            return memory
        }
        figures.seconds = (ContinuousClock.now - start) / .seconds(1)
        figures.collectorTime = ProcessFigures.processorTime(of: collector.pid) - collectorTime
        figures.databaseTime = ProcessFigures.processorTimeOfFamily(of: postmaster) - databaseTime
        figures.walBytes = try await database.walPosition() - wal
        figures.commits = reference.sorted
        try await eventually(within: .seconds(60), "the last of the events in the archive", ask: database.count) {
            $0 >= options.rate * options.seconds
        }
        return figures
    }

    /// Once a second, until all events are made.
    private func memory(of collector: LoggedProgram) async throws -> [ProcessFigures.Memory] {
        var memory: [ProcessFigures.Memory] = []
        while try await !server.control.order("status").isDone {
            if collector.now != nil { throw ChaosFailure("the collector has ended; see its log in \(options.folder)") }
            if let now = ProcessFigures.memory(of: collector.pid) { memory.append(now) }
            try await Task.sleep(for: .seconds(1))
        }
        return memory
    }

    /// Compares times, and has the same events replayed.
    private func compare(_ figures: inout LoadFigures) async throws {
        say("Replaying the same events ...")
        let file = "\(options.folder)/events.ndjson"
        let truth = try JournalTimes(journal: server.journal, replayFile: file)
        let commits = try await database.commits()
        for (version, time) in truth.times {
            guard let committed = commits.times[version] else {
                throw ChaosFailure("resourceVersion \(version) is not in the archive")
            }
            figures.delays.append(committed - time)
        }
        figures.delays.sort()
        figures.events = truth.times.count
        figures.transactions = commits.transactions
        let before = ProcessFigures.processorTimeOfEndedChildren
        let replay = try await LoggedProgram.start(
            try ProgramRun.path(of: "kee-collector"),
            ["replay", "--cluster", ChaosOptions.cluster, "--database-url", replayDatabase, file],
            log: "\(options.folder)/replay.log"
        )
        guard try await replay.waitForExit() == .code(0) else {
            throw ChaosFailure("the replay failed; see replay.log in \(options.folder)")
        }
        figures.replayTime = ProcessFigures.processorTimeOfEndedChildren - before
        figures.replayed = truth.times.count
        say("Writing with and without cursors ...")
        let cost = try await CursorCost(
            bodies: truth.bodies,
            connectionString: try await postgres.freshDatabase()
        )
        (figures.withCursor, figures.withoutCursor) = (cost.with, cost.without)
    }
}
