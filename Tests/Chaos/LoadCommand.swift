import ArgumentParser
import ChaosHarness
import Foundation

/// A collector gets as many events as a big cluster makes: memory, processor time, and how late events are.
struct LoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract:
            "Measures a collector under an even load. The table goes to standard output, the rest to standard error."
    )

    @Option(help: ArgumentHelp("How many observations in a second.", valueName: "n"))
    var rate = 500

    @Option(help: ArgumentHelp("For how many seconds.", valueName: "s"))
    var seconds = 60

    @Option(help: ArgumentHelp("How many events there are at once; the oldest expire.", valueName: "n"))
    var objects = 5000

    @Option(help: ArgumentHelp("What the events are drawn from.", valueName: "n"))
    var seed: UInt64 = 1

    func validate() throws {
        guard (1...20_000).contains(rate) else { throw ValidationError("--rate is 1 to 20000") }
        guard (5...86_400).contains(seconds) else { throw ValidationError("--seconds is 5 to 86400") }
    }

    func run() async throws {
        let parent = FileManager.default.temporaryDirectory.path(percentEncoded: false)
        let folder = "\(parent)kee-load-\(ProcessInfo.processInfo.processIdentifier)"
        var options = LoadOptions(folder: folder)
        (options.rate, options.seconds, options.objects, options.seed) = (rate, seconds, objects, seed)
        let figures = try await LoadRun.run(options) { line in
            FileHandle.standardError.write(Data((line + "\n").utf8))
        }
        for line in LoadReport.lines(figures) { print(line) }
        try FileManager.default.removeItem(atPath: folder)
    }
}
