import Testing

@testable import TestSupport

@Suite("What happens in the cluster of the fake API server")
struct EventGeneratorTests {
    private func made(seed: UInt64, steps: Int = 3000) -> FakeAPIServer.Store {
        var store = FakeAPIServer.Store()
        let plan = FakeAPIServer.EventPlan(events: steps, rate: 1, objects: 100, seed: seed)
        var generator = FakeAPIServer.EventGenerator(plan, in: store)
        for step in 0..<steps { generator.step(in: &store, at: 1_795_227_278_000_000 + Int64(step) * 1234) }
        return store
    }

    @Test func theSameSeedMakesTheSame() {
        let (one, same, other) = (made(seed: 1), made(seed: 1), made(seed: 2))
        #expect(one.changes.map(\.item.body) == same.changes.map(\.item.body))
        #expect(one.changes.map(\.item.body) != other.changes.map(\.item.body))
    }

    @Test func itIsAsVariedAsAClusterIs() {
        let store = made(seed: 1)
        let changes = store.changes
        #expect(store.observations == 3000)
        #expect(store.items.count <= 101, "the oldest expire")
        #expect(store.version > 4000 + 200, "other objects change too")
        let modified = changes.filter { $0.kind == .modified }
        #expect(modified.count > 500 && modified.allSatisfy { $0.event.count > 1 })
        let deleted = changes.filter { $0.kind == .deleted }
        #expect(Dictionary(grouping: deleted, by: \.version).values.contains { $0.count > 1 }, "at one version")
        #expect(Set(changes.map(\.event.namespace)).count > 5)
        let messages = changes.map { $0.event.messageJSON ?? Array($0.event.message.utf8) }
        #expect(messages.contains { $0.count > 10_000 } && messages.contains { $0.contains(0) })
        #expect(changes.contains { $0.event.messageJSON != nil })
        let (new, classic) = (
            changes.filter { $0.event.eventTime != nil }, changes.filter { $0.event.eventTime == nil }
        )
        #expect(new.count > classic.count && classic.count > 300)
    }
}
