import HTTPTypes
import TestSupport
import Testing

@testable import EventRoutes

@Suite("The desk of exports")
struct ExportDeskTests {
    @Test func turnsAreTakenInTheOrderOfAsking() {
        var turns = FetchTurns(bound: 2)
        let asked = (1...5).map { turns.ask($0) }
        #expect(asked == [.go, .go, .wait, .wait, .wait])
        // The second time it is gone, and the first has its turn already.
        let left = [4, 4, 1].map { turns.leave($0) }
        #expect(left == [true, false, false])
        let next = [turns.finish(), turns.finish(), turns.finish()]
        #expect(next == [3, 5, nil])
        let later = [turns.ask(6), turns.ask(7)]
        #expect(later == [.go, .wait])
        let last = [turns.finish(), turns.finish(), turns.finish()]
        #expect(last == [7, nil, nil])
        #expect(turns.taken == 0)
    }

    @Test func placesAreBoundedAndGivenBack() throws {
        let desk = ExportDesk(places: 2, fetches: 1)
        var places = [try desk.admit(), try desk.admit()]
        let problem = #expect(throws: Problem.self) { try desk.admit() }
        #expect(problem?.status == .serviceUnavailable)
        #expect(problem?.retryAfter == 10)
        places.removeLast()
        #expect(desk.underWay == 1)
        places.append(try desk.admit())
        withExtendedLifetime(places) {}
    }

    @Test func whoDoesNotWaitAnyMoreIsPassedOver() async throws {
        let desk = ExportDesk(places: 8, fetches: 1)
        let isIn = Observed(false)
        let mayGo = Observed(false)
        let order = Observed<[Int]>([])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await desk.inTurn {
                    isIn.change { $0 = true }
                    try await mayGo.wait(until: { $0 })
                }
            }
            try await isIn.wait(until: { $0 })
            let left = Task { () async throws -> Void in try await desk.inTurn { order.change { $0.append(1) } } }
            left.cancel()
            await #expect(throws: CancellationError.self) { try await left.value }
            group.addTask { try await desk.inTurn { order.change { $0.append(2) } } }
            mayGo.change { $0 = true }
            try await group.waitForAll()
        }
        #expect(order.value == [2])
    }
}
