import Testing

@testable import Listener

@Suite("What becomes of a connection")
struct ConnectionStandingTests {
    private static let limits: ListenerLimits = {
        var limits = ListenerLimits()
        limits.headTimeout = .seconds(10)
        limits.idleTimeout = .seconds(75)
        limits.writeTimeout = .seconds(120)
        limits.hastenedWriteTimeout = .seconds(5)
        limits.sweepInterval = .seconds(1)
        return limits
    }()

    @Test(
        arguments: [
            (.head, 9_999, .keep, .keep), (.head, 10_000, .cut(.head), .cut(.head)), (.idle, 74_999, .keep, .keep),
            (.idle, 75_000, .cut(.idle), .cut(.idle)), (.answering, 999, .keep, .keep),
            (.answering, 1_000, .checkProgress, .checkProgress),
            (.answering, 3_600_000, .checkProgress, .checkProgress),
            (.stalled, 4_999, .checkProgress, .checkProgress), (.stalled, 5_000, .checkProgress, .cut(.unread)),
            (.stalled, 119_999, .checkProgress, .cut(.unread)), (.stalled, 120_000, .cut(.unread), .cut(.unread)),
        ] as [(ConnectionStanding.Phase, UInt64, ListenerLimits.Verdict, ListenerLimits.Verdict)]
    )
    func itsTimeIsUp(
        phase: ConnectionStanding.Phase,
        age: UInt64,
        verdict: ListenerLimits.Verdict,
        overBudget: ListenerLimits.Verdict
    ) {
        let standing = ConnectionStanding(phase, since: 1_000_000)
        let now = 1_000_000 + age
        #expect(Self.limits.verdict(on: standing, now: now, isOverBudget: false) == verdict)
        #expect(Self.limits.verdict(on: standing, now: now, isOverBudget: true) == overBudget)
    }

    @Test func aStandingFromTheFutureIsYoung() {
        let standing = ConnectionStanding(.head, since: 2_000)
        #expect(Self.limits.verdict(on: standing, now: 1_000, isOverBudget: false) == .keep)
    }

    @Test(arguments: ConnectionStanding.Phase.allCases)
    func aStandingIsOneWord(phase: ConnectionStanding.Phase) {
        for since: UInt64 in [0, 1, 1 << 40] {
            let standing = ConnectionStanding(phase, since: since)
            #expect(ConnectionStanding(packed: standing.packed) == standing)
        }
    }

    @Test(
        arguments: [
            ([], nil),
            ([(.answering, 0), (.answering, 5)], nil),
            ([(.answering, 0), (.stalled, 50_000)], 1),
            ([(.stalled, 3_000), (.idle, 90_000), (.head, 98_000)], 2),
            ([(.stalled, 3_000), (.idle, 90_000), (.idle, 80_000)], 2),
            ([(.head, 98_000), (.head, 97_000), (.head, 98_500)], 1),
            ([(.stalled, 60_000), (.stalled, 30_000)], 1),
            // Its head may be on its way.
            ([(.head, 99_500), (.idle, 99_001), (.stalled, 99_500)], nil),
            ([(.head, 99_500), (.idle, 90_000)], 1),
        ] as [([(ConnectionStanding.Phase, UInt64)], Int?)]
    )
    func whoMakesRoom(connections: [(ConnectionStanding.Phase, UInt64)], victim: Int?) {
        let candidates = connections.enumerated().map {
            (id: $0.offset, standing: ConnectionStanding($0.element.0, since: $0.element.1))
        }
        #expect(ListenerLimits.victim(among: candidates, now: 100_000) == victim)
    }
}
