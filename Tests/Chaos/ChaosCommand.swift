import ArgumentParser
import ChaosHarness
import Foundation

/// `kee-chaos`: a collector beside a PostgreSQL and an API server of its own.
@main
struct ChaosCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kee-chaos",
        abstract: "Runs a collector beside a PostgreSQL and an API server of its own. For tests only.",
        subcommands: [FaultsCommand.self, LoadCommand.self],
        defaultSubcommand: FaultsCommand.self
    )
}

/// A collector, PostgreSQL and an API server are hurt at random, and nothing may be lost or doubled.
struct FaultsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "faults",
        abstract: "Hurts a collector, its database and its API server at random, and counts what is lost or doubled."
    )

    @Option(help: ArgumentHelp("How many faults.", valueName: "n"))
    var faults = 60

    @Option(help: ArgumentHelp("How often events are created or seen again.", valueName: "n"))
    var events = 30_000

    @Option(help: ArgumentHelp("What faults and events are drawn from; a random one without it.", valueName: "n"))
    var seed: UInt64?

    @Option(help: ArgumentHelp("How many collectors: 1 or 2.", valueName: "n"))
    var collectors = 1

    @Option(help: ArgumentHelp("The mean time between two faults, in seconds.", valueName: "s"))
    var spacing = 2.0

    @Option(
        help: ArgumentHelp("Where journal, logs and spools go; a new one below TMPDIR without it.", valueName: "dir")
    )
    var folder: String?

    @Flag(help: "Give each spool a small file system of its own, which can be filled. Needs root.")
    var mountSpools = false

    @Flag(help: "Keep the folder of a run that went well, too.")
    var keep = false

    func validate() throws {
        guard (1...2).contains(collectors) else { throw ValidationError("--collectors is 1 or 2") }
    }

    func run() async throws {
        let seed = seed ?? UInt64.random(in: 1...999_999)
        // The path of a folder ends with a slash.
        let parent = FileManager.default.temporaryDirectory.path(percentEncoded: false)
        let folder = folder ?? "\(parent)kee-chaos-\(seed)-\(ProcessInfo.processInfo.processIdentifier)"
        var options = ChaosOptions(faults: faults, events: events, seed: seed, folder: folder)
        options.collectors = collectors
        options.spacing = .seconds(spacing)
        options.mountsSpools = mountSpools
        let verdict = try await ChaosRun.run(options) { Self.say($0) }
        for line in ChaosReport.lines(verdict, options) { Self.say(line) }
        guard verdict.isGood else { throw ExitCode.failure }
        if !keep { try FileManager.default.removeItem(atPath: folder) }
    }

    /// At once, though it be into a file.
    private static func say(_ line: String) {
        print(line)
        fflush(nil)
    }
}
