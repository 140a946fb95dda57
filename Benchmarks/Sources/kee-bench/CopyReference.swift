import Foundation

/// The same rows, as the archive holds them, by psql's `\copy` in binary: a transaction a batch, and no check for
/// duplicates. An upper bound for anything that writes these columns under these indexes.
struct CopyReference {
    private let database: Database
    private let folder: String

    init(_ database: Database, folder: String) {
        (self.database, self.folder) = (database, folder)
    }

    /// Seconds that writing takes, as psql's clock has it. The batches must have been written to the archive.
    func seconds(of batches: [GeneratedBatch]) throws -> Double {
        let files = batches.indices.map { "\(folder)/copy-\($0).bin" }
        var export = ""
        for (batch, file) in zip(batches, files) {
            export += """
                \\copy (SELECT e.* FROM kee.event e JOIN kee.cluster c USING (cluster_id) \
                WHERE c.name = '\(batch.cluster)' AND ts >= to_timestamp(\(batch.times.lowerBound / 1_000_000)) \
                AND ts < to_timestamp(\(batch.times.upperBound / 1_000_000)) \
                ORDER BY ts, id) TO '\(file)' WITH (FORMAT binary)

                """
        }
        _ = try psql(export)
        let output = try psql(
            "\\timing on\n" + files.map { "\\copy bench.event_copy FROM '\($0)' WITH (FORMAT binary)\n" }.joined()
        )
        for file in files { try FileManager.default.removeItem(atPath: file) }
        let times = output.matches(of: /Time: ([0-9.]+) ms/).compactMap { Double($0.1) }
        guard times.count == batches.count else {
            throw BenchError("psql told \(times.count) times for \(batches.count) batches:\n\(output)")
        }
        return times.reduce(0, +) / 1_000
    }

    private func psql(_ script: String) throws -> String {
        let file = "\(folder)/copy.sql"
        try Data(script.utf8).write(to: URL(fileURLWithPath: file))
        return try database.command("psql", ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", file]).text()
    }
}
