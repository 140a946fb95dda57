import ArgumentParser
import EventRoutes
import Settings

/// How many exports there may be, and how patient they are with their clients.
struct ExportOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Exports (NDJSON and CSV) at once, 1 to 1000.", valueName: "number"))
    var exports = 8

    @Option(
        help: ArgumentHelp(
            "How long the client of an export may take for 64 KiB before it is cut off, 1s to 1h.",
            valueName: "duration"
        ),
        transform: DurationText.duration(parsing:)
    )
    var exportPatience: Duration = .seconds(120)

    func check() throws(ProgramExit) {
        guard (1...1_000).contains(exports) else { throw .usage("--exports \(exports) is not from 1 to 1000") }
        guard (Duration.seconds(1)...Duration.seconds(3_600)).contains(exportPatience) else {
            throw .usage("--export-patience \(DurationText.text(exportPatience)) is not from 1s to 1h")
        }
    }

    /// - Parameter databaseConnections: of which exports use a quarter at once, and one at least.
    func apply(to settings: inout EventAPISettings, databaseConnections: Int) {
        settings.exportBound = exports
        settings.exportFetches = max(1, databaseConnections / 4)
        settings.exportPatience = exportPatience
    }
}
