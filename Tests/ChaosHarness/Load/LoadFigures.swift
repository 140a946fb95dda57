/// What a run under load has shown.
public struct LoadFigures: Sendable {
    /// How many observations were archived, and over how many seconds they came.
    var events = 0
    var seconds = 0.0
    /// Resident memory of the collector second by second.
    var memory: [ProcessFigures.Memory] = []
    /// Processor seconds, of the collector and of all PostgreSQL.
    var collectorTime = 0.0
    var databaseTime = 0.0
    /// Processor seconds of `kee-collector replay` for as many events, the same ones.
    var replayTime = 0.0
    var replayed = 0
    /// How many transactions brought the events, and how many bytes of WAL were written.
    var transactions = 0
    var walBytes: Int64 = 0
    /// Microseconds from what the API server accepted to its commit, in order.
    var delays: [Int64] = []
    /// Microseconds that a transaction of one row took meanwhile on the same server, in order.
    var commits: [Int64] = []
    /// Microseconds that batches took, with a cursor in their transaction and without, in order.
    var withCursor: [Int64] = []
    var withoutCursor: [Int64] = []

    /// The value that a share of them does not exceed.
    static func percentile(_ share: Double, of sorted: [Int64]) -> Int64? {
        guard !sorted.isEmpty else { return nil }
        return sorted[min(sorted.count - 1, Int((Double(sorted.count) * share).rounded(.up)) - 1)]
    }

    /// The median of resident memory over a part of the run, in mebibytes.
    func residentMemory(_ part: Range<Double>) -> Double? {
        let places = Int(Double(memory.count) * part.lowerBound)..<Int(Double(memory.count) * part.upperBound)
        let sorted = memory[places].map { Int64($0.resident) }.sorted()
        return Self.percentile(0.5, of: sorted).map { Double($0) / 1024 }
    }
}
