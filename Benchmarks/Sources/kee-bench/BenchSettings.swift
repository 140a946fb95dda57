import Foundation

/// What the environment says. `scripts/bench.sh` sets what begins with KEE_BENCH_, a user the rest.
struct BenchSettings {
    /// EVENTS: how many events are inserted, in whole batches.
    let events: Int
    /// SECONDS_EACH: how long each measurement runs, the same again for its reference.
    let secondsEach: Double
    /// An empty database of our own.
    let databaseURL: String
    /// Where `kee-query` serves that database, without rate limit.
    let queryURL: String?
    /// Whether wrk is there to ask it.
    let hasWrk: Bool
    /// The folder of psql and pgbench.
    let programs: String
    /// A gzipped recording of a watch.
    let recording: String
    /// A private folder that PostgreSQL need not reach.
    let folder: String

    init(_ environment: [String: String] = ProcessInfo.processInfo.environment) throws {
        func number(_ name: String, _ standard: Double, _ range: ClosedRange<Double>) throws -> Double {
            guard let text = environment[name] else { return standard }
            guard let value = Double(text), range.contains(value) else {
                throw BenchError(
                    "\(name)=\(text): give a number from \(Int(range.lowerBound)) to \(Int(range.upperBound))"
                )
            }
            return value
        }
        func required(_ name: String) throws -> String {
            guard let value = environment[name], !value.isEmpty else {
                throw BenchError("\(name) is not set: start the benchmarks with `make bench`")
            }
            return value
        }
        let asked = try number("EVENTS", 200_000, 20_000...100_000_000)
        events = Int(asked) / GeneratedBatch.size * GeneratedBatch.size
        secondsEach = try number("SECONDS_EACH", 5, 1...3_600)
        databaseURL = try required("KEE_BENCH_DATABASE_URL")
        programs = try required("KEE_BENCH_PROGRAMS")
        recording = try required("KEE_BENCH_RECORDING")
        folder = try required("KEE_BENCH_FOLDER")
        queryURL = environment["KEE_BENCH_QUERY_URL"]
        hasWrk = environment["KEE_BENCH_WRK"] == "yes"
    }

    /// Rounds of at least two seconds: pgbench plans its statements anew at each start.
    var rounds: Int { max(1, Int(secondsEach / 2)) }
    /// pgbench and wrk take whole seconds.
    var secondsOfRound: Int { max(1, Int((secondsEach / Double(rounds)).rounded())) }
}

/// Why a benchmark has no result.
struct BenchError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
