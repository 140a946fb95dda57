import Foundation
import TestSupport

/// The fake API server as a process, on one port and one journal through all its starts.
final class APIServerProgram: Sendable {
    let control: ServerControl
    let journal: String
    private let path: String
    private let arguments: [String]
    private let log: String
    private let running = Observed(LoggedProgram?.none)

    init(options: ChaosOptions, rate: Double, objects: Int = 500, tokenFile: String) throws {
        let port = try RestartablePort.free()
        control = ServerControl(url: "http://127.0.0.1:\(port)")
        path = try ProgramRun.path(of: "kee-fake-apiserver")
        journal = FakeAPIServer.Journal.path(in: options.folder + "/etcd")
        log = "\(options.folder)/apiserver.log"
        arguments = [
            "--port", "\(port)", "--store", options.folder + "/etcd", "--token-file", tokenFile,
            "--events", "\(options.events)", "--rate", "\(rate)", "--seed", "\(options.seed)",
            "--objects", "\(objects)",
        ]
    }

    /// Starts it and waits until it answers.
    func start(paused: Bool = false) async throws {
        let program = try await LoggedProgram.start(path, arguments + (paused ? ["--paused"] : []), log: log)
        running.change { $0 = program }
        try await eventually(within: .seconds(60), "the fake API server") {
            if program.now != nil { throw ChaosFailure("the fake API server does not start; see \(log)") }
            return try? await control.order("status", within: .seconds(1))
        } until: {
            $0 != nil
        }
    }

    func signal(_ signal: Int32) { running.value?.signal(signal) }

    func end(with signal: Int32) async throws {
        guard let program = running.value else { return }
        program.signal(signal)
        try await program.waitForExit()
    }

    func kill() async { await running.value?.kill() }
}
