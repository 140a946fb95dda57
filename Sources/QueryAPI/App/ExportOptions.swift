import ArgumentParser
import EventRoutes
import Settings

/// How many exports there may be.
struct ExportOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Exports (NDJSON and CSV) at once, 1 to 1000.", valueName: "number"))
    var exports = 8

    func check() throws(ProgramExit) {
        guard (1...1_000).contains(exports) else { throw .usage("--exports \(exports) is not from 1 to 1000") }
    }

    /// - Parameter databaseConnections: of which exports use a quarter at once, and one at least.
    func apply(to settings: inout EventAPISettings, databaseConnections: Int) {
        settings.exportBound = exports
        settings.exportFetches = max(1, databaseConnections / 4)
    }
}
