import Foundation
import TestSupport

/// A collector that is started again and again.
final class CollectorProgram: Sendable {
    let number: Int
    let spool: SpoolVolume
    private let path: String
    private let arguments: [String]
    private let log: String
    private let running = Observed(LoggedProgram?.none)

    /// - Parameters:
    ///   - knownFlags: what the program's help says; flags that it does not have are left out.
    init(
        number: Int,
        options: ChaosOptions,
        database: String,
        kubeconfig: String,
        knownFlags: String
    ) throws {
        self.number = number
        path = try ProgramRun.path(of: "kee-collector")
        spool = try SpoolVolume(folder: "\(options.folder)/spool-\(number)", mounts: options.mountsSpools)
        log = "\(options.folder)/collector-\(number).log"
        let always = [
            "--cluster", ChaosOptions.cluster, "--database-url", database, "--kubeconfig", kubeconfig,
            "--management-listen", "127.0.0.1:0",
        ]
        let more = Self.flags(spool: spool, elects: options.collectors > 1)
            .filter { flag, _ in knownFlags.contains(flag + " ") || knownFlags.contains(flag + "\n") }
            .flatMap { flag, value in value.map { [flag, $0] } ?? [flag] }
        arguments = ["watch"] + always + more
    }

    /// Everything quicker than in earnest, so that a short run sees much.
    private static func flags(spool: SpoolVolume, elects: Bool) -> [(String, String?)] {
        let election: [(String, String?)] = [
            ("--leader-elect", nil), ("--lease-name", "kee-chaos"), ("--lease-namespace", "default"),
            ("--lease-duration", "3s"), ("--lease-renew-deadline", "2s"), ("--lease-retry-period", "500ms"),
        ]
        return [
            ("--spool-dir", spool.folder), ("--spool-max-bytes", "\(spool.maxBytes)"), ("--watch-silence", "2s"),
            ("--version-refresh", "5s"), ("--backoff-first", "100ms"), ("--backoff-longest", "2s"),
            ("--database-patience", "2s"),
        ] + (elects ? election : [])
    }

    func start() async throws {
        let program = try await LoggedProgram.start(path, arguments, log: log)
        running.change { $0 = program }
    }

    func signal(_ signal: Int32) { running.value?.signal(signal) }

    /// Ends it with a signal and waits for that.
    func end(with signal: Int32) async throws {
        guard let program = running.value else { return }
        program.signal(signal)
        try await program.waitForExit()
    }

    var hasEnded: Bool { running.value?.now != nil }

    /// Waits until it has ended.
    func waitForExit() async throws -> ProgramRun.Exit? { try await running.value?.waitForExit() }

    func kill() async { await running.value?.kill() }

    /// The last lines of its log.
    func lastWords() -> String {
        let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").suffix(3).joined(separator: "\n")
    }
}
