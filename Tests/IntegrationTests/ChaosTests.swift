import ChaosHarness
import TestSupport
import Testing

/// `make chaos`, small: a collector, PostgreSQL and an API server that are killed, frozen and cut off from each other.
/// `docs/chaos.md` tells how to read a failure, and how to see it again by its seed.
@Suite("Chaos", .fewAtOnce, .timeLimit(.minutes(5)))
struct ChaosTests {
    /// Two plans that stay: a test that fails is to fail again. `make chaos` draws new ones.
    @Test(arguments: [20_261_121, 199_698] as [UInt64])
    func nothingIsLostAndNothingDoubled(seed: UInt64) async throws {
        // Its journal and logs stay where they are if it fails.
        let folder = try TemporaryDirectory()
        var options = ChaosOptions(faults: 12, events: 3000, seed: seed, folder: folder.file("run"))
        options.spacing = .seconds(1)
        options.patience = .seconds(90)
        let said = Observed<[String]>([])
        let verdict = try await ChaosRun.run(options) { line in said.change { $0.append(line) } }
        let report = (said.value + ChaosReport.lines(verdict, options)).joined(separator: "\n")
        #expect(verdict.isGood, "\(report)")
        #expect(verdict.created > 3000)
        #expect(verdict.archived + verdict.unobservable == verdict.created, "\(report)")
        if !verdict.isGood { folder.keep() }
    }
}
