import Foundation
import Postgres
import TestSupport

/// One run: starts everything, lets the plan happen, and compares what is left with what was.
public struct ChaosRun: Sendable {
    let options: ChaosOptions
    let plan: ChaosPlan
    let server: APIServerProgram
    let postgres: PostgresServer
    let database: String
    let collectors: [CollectorProgram]
    let tokens: TokenFiles
    let progress: ChaosProgress

    /// Runs it.
    ///
    /// - Parameter say: takes the lines of the report as they come.
    /// - Throws: `ChaosFailure` and others if the harness cannot do its part; nothing is said about the collector then.
    public static func run(_ options: ChaosOptions, say: @escaping @Sendable (String) -> Void) async throws -> Verdict {
        let plan = ChaosPlan(
            seed: options.seed,
            faults: options.faults,
            collectors: options.collectors,
            spacing: options.spacing
        )
        try FileManager.default.createDirectory(atPath: options.folder, withIntermediateDirectories: true)
        let help = try await ProgramRun.finished("kee-collector", ["watch", "--help"]).output
        let tokens = try TokenFiles(folder: options.folder)
        // Events come as long as faults do, and a little longer: recovery is to be seen under load.
        let seconds = Double(plan.length.components.seconds) + 2
        let server = try APIServerProgram(
            options: options,
            rate: Double(options.events) / seconds,
            tokenFile: tokens.server
        )
        let kubeconfig = try tokens.writeKubeconfig(server: server.control.url)
        let postgres = try await PostgresServer.start()
        let database = try await postgres.freshDatabase()
        let collectors = try (1...options.collectors).map { number in
            try CollectorProgram(
                number: number,
                options: options,
                database: database,
                kubeconfig: kubeconfig,
                knownFlags: help
            )
        }
        let run = ChaosRun(
            options: options,
            plan: plan,
            server: server,
            postgres: postgres,
            database: database,
            collectors: collectors,
            tokens: tokens,
            progress: ChaosProgress(say: say)
        )
        let result: Result<Verdict, any Error>
        do { result = .success(try await run.run()) } catch { result = .failure(error) }
        await run.stop()
        return try result.get()
    }

    private func run() async throws -> Verdict {
        progress.note(
            "seed \(options.seed): \(options.faults) faults, \(options.events) events, logs in \(options.folder)"
        )
        try await begin()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await progress.follow(server.control, database) }
            group.addTask { try await befallServer() }
            group.addTask { try await befallDatabase() }
            for collector in collectors { group.addTask { try await befall(collector) } }
            group.addTask {
                try await progress.waitForFaults(plan.steps.count)
                throw Finished()
            }
            do { while try await group.next() != nil {} } catch is Finished {}
            let verdict = try await settle()
            group.cancelAll()
            return verdict
        }
    }

    private struct Finished: Error {}
}
