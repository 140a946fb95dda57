import Foundation

/// The benchmarks of `make bench`, each beside its reference in the same run.
@main
enum KEEBench {
    static func main() async {
        do {
            try await run()
        } catch {
            FileHandle.standardError.write(Data("error: \(error)\n".utf8))
            exit(1)
        }
    }

    /// The parts, in their order; names of some as arguments leave the others out.
    private enum Part: String, CaseIterable { case parse, insert, select, http }

    private static func run() async throws {
        let settings = try BenchSettings()
        let parts = try parts(CommandLine.arguments.dropFirst())
        let load = Machine.load
        let database = Database(url: settings.databaseURL, programs: settings.programs)
        let machine = try await Machine.line(database)
        var table = ResultTable()

        if parts.contains(.parse) {
            say("Parsing the recording ...")
            try ParseBenchmark(recording: settings.recording, seconds: settings.secondsEach).run(into: &table)
        }
        // What is read has to be written first.
        if parts != [.parse] {
            say("Writing \(settings.events) events, three times ...")
            try await InsertBenchmark(settings: settings, database: database).run(into: &table)
            try settle(database)
        }
        if parts.contains(.select) {
            say("Reading pages ...")
            try await SelectBenchmark(settings: settings, database: database).run(into: &table)
        }
        if parts.contains(.http) {
            say("Reading pages over HTTP ...")
            try await HTTPBenchmark(settings: settings, database: database).run(into: &table)
        }

        print()
        print(table.text)
        print(machine)
        if let load { print("load when it began: \(load)") }
    }

    private static func parts(_ names: some Sequence<String>) throws -> Set<Part> {
        let parts = try names.map { name in
            guard let part = Part(rawValue: name) else {
                let known = Part.allCases.map(\.rawValue).joined(separator: ", ")
                throw BenchError("there is no part '\(name)': it is one of \(known)")
            }
            return part
        }
        return parts.isEmpty ? Set(Part.allCases) : Set(parts)
    }

    /// What autovacuum would do in the midst of the reading.
    private static func settle(_ database: Database) throws {
        _ = try database.command("psql", ["-X", "-q", "-c", "VACUUM ANALYZE kee.event"]).output()
    }

    /// Progress goes to standard error, so that standard output is the table alone.
    private static func say(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }
}
