import TestSupport
import Testing

@testable import Spool

/// A generator that repeats itself for the same seed (SplitMix64).
private struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

@Suite("The spool against a model") struct RandomSpoolTests {
    /// Appends, hands out, acknowledges, loses power, opens again, on a disk that fails now and then: nothing that was
    /// taken is lost, and nothing comes out of order.
    @Test(arguments: [1, 2, 3, UInt64.random(in: 4...UInt64.max)]) func losesNothing(seed: UInt64) async throws {
        var random = Seeded(state: seed)
        let setting = try SpoolSetting(maxBytes: 96 << 10)
        let files = FailingFiles(directory: setting.directory)
        var spool = try await setting.open(on: files)
        // All numbers in taken[acknowledged...] have to come out, in order; some before them may.
        var taken: [Int] = []
        var acknowledged = 0
        var handedOut: (batch: SpoolBatch, end: Int)?
        var next = 0

        for step in 0..<600 {
            let comment = Comment("seed \(seed), step \(step)")
            switch Int.random(in: 0..<100, using: &random) {
            case ..<50:
                let record = SpoolRecord.numbered(next, bytes: Int.random(in: 30...4000, using: &random))
                next += 1
                do {
                    try await spool.append(record)
                    taken.append(next - 1)
                } catch {
                    guard case .full = error else {
                        #expect(error.isRetryable, comment)
                        continue
                    }
                    #expect(spool.status.isFull, comment)
                }
            case ..<75:
                guard !spool.status.isEmpty else { continue }
                let batch = try #require(try await spool.next(maxEvents: Int.random(in: 1...20, using: &random)))
                let places = try batch.records.map { record in
                    try #require(taken.firstIndex { $0 == record.number }, comment)
                }
                // What is old may come again, with gaps where a segment could not be deleted before a restart.
                let fresh = Array(places.drop { $0 < acknowledged })
                #expect(fresh == Array((acknowledged...).prefix(fresh.count)), comment)
                #expect(places == places.sorted(), comment)
                handedOut = (batch, (places.last ?? 0) + 1)
            case ..<90:
                guard let (batch, end) = handedOut else { continue }
                await spool.acknowledge(batch)
                acknowledged = max(acknowledged, end)
            case ..<95:
                await spool.close()
                handedOut = nil
                files.heal()
                if Bool.random(using: &random) { try files.losePower() }
                spool = try await setting.open(on: files)
                #expect(spool.status.records >= taken.count - acknowledged, comment)
            default:
                files.heal()
                files.set {
                    $0.room = Bool.random(using: &random) ? Int.random(in: 0...20_000, using: &random) : nil
                    $0.syncFails = Int.random(in: 0..<5, using: &random) == 0
                    $0.removeFails = Int.random(in: 0..<5, using: &random) == 0
                }
            }
            #expect(spool.status.bytes <= 96 << 10, comment)
        }
        files.heal()
        await spool.close()
        try await setting.open().use { spool in
            let rest = try await spool.drain().compactMap(\.number)
            #expect(rest.suffix(taken.count - acknowledged) == taken[acknowledged...], "seed \(seed)")
        }
    }
}
