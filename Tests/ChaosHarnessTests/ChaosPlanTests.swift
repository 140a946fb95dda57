import Testing

@testable import ChaosHarness

@Suite("The plan of a chaos run")
struct ChaosPlanTests {
    private func plan(seed: UInt64, faults: Int = 60, collectors: Int = 2) -> ChaosPlan {
        ChaosPlan(seed: seed, faults: faults, collectors: collectors, spacing: .seconds(2))
    }

    @Test func theSameSeedIsTheSamePlan() {
        #expect(plan(seed: 7) == plan(seed: 7))
        #expect(plan(seed: 7) != plan(seed: 8))
        #expect(plan(seed: 7, faults: 20).steps == Array(plan(seed: 7).steps.prefix(20)))
    }

    @Test func sixtyFaultsAreOfAllKindsInOrder() {
        let steps = plan(seed: 1).steps
        #expect(steps.map(\.number) == Array(1...60))
        #expect(Set(steps.map(\.fault.kind)) == Set(ChaosFault.Kind.allCases))
        #expect(steps.filter { $0.fault.kind == .restore }.count < steps.count / 10, "rare")
        for (one, next) in zip(steps, steps.dropFirst()) {
            #expect((.seconds(1)...(.seconds(3))).contains(next.after - one.after))
        }
    }

    @Test func everyFaultBefallsOnePart() {
        let plan = plan(seed: 3)
        let parts: [ChaosFault.Part] = [.apiServer, .database, .collector(1), .collector(2)]
        #expect(parts.flatMap { plan.steps(of: $0) }.map(\.number).sorted() == Array(1...60))
        for part in parts { #expect(!plan.steps(of: part).isEmpty) }
        #expect(self.plan(seed: 3, collectors: 1).steps(of: .collector(2)).isEmpty)
    }

    @Test func noFaultsAreAPlanToo() {
        #expect(plan(seed: 1, faults: 0).steps.isEmpty)
        #expect(plan(seed: 1, faults: 0).length == .zero)
    }
}
