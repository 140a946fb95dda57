import Synchronization
import TestSupport
import Testing

@testable import Access

@Suite("Answers that are kept", .timeLimit(.minutes(1)))
struct ReviewCacheTests {
    private func cache(bound: Int = 100, flights: Int = 4) -> ReviewCache<String, Bool> {
        ReviewCache(lifetime: .seconds(60), bound: bound, flights: flights) { $0 }
    }

    @Test func anAnswerCountsForItsTimeBeItYesOrNo() async throws {
        let (cache, asked) = (cache(), Observed(0))
        let clock = Observed(ContinuousClock.now)
        func ask(_ key: String, _ answer: Bool) async throws -> Bool {
            try await cache.value(for: key, now: { clock.value }) { () async throws(AccessError) in
                asked.change { $0 += 1 }
                return answer
            }
        }
        for _ in 0..<3 { #expect(try await ask("a", true)) }
        for _ in 0..<3 { #expect(try await !ask("b", false)) }
        #expect(asked.value == 2)
        clock.change { $0 += .seconds(59) }
        #expect(try await ask("a", false))
        clock.change { $0 += .seconds(1) }
        #expect(try await !ask("a", false))
        #expect(asked.value == 3)
    }

    @Test func manyAskAtOnceAndOneQuestionIsPut() async throws {
        let (cache, asked, gate) = (cache(), Observed(0), ScriptedHTTPServer.Gate())
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    try await cache.value(for: "a") { () async throws(AccessError) in
                        asked.change { $0 += 1 }
                        try? await gate.wait()
                        return true
                    }
                }
            }
            try await asked.wait { $0 == 1 }
            gate.open()
            for try await answer in group { #expect(answer) }
        }
        #expect(asked.value == 1)
    }

    @Test func whoAskedFirstMayLeave() async throws {
        let (cache, asked, gate) = (cache(), Observed(0), ScriptedHTTPServer.Gate())
        let ask: @Sendable () async throws -> Bool = {
            try await cache.value(for: "a") { () async throws(AccessError) in
                asked.change { $0 += 1 }
                do {
                    try await gate.wait()
                } catch {
                    throw .cancelled
                }
                return true
            }
        }
        try await withThrowingTaskGroup(of: Bool.self) { others in
            try await withThrowingTaskGroup(of: Bool.self) { first in
                first.addTask { try await ask() }
                try await asked.wait { $0 == 1 }
                for _ in 0..<10 { others.addTask { try await ask() } }
                first.cancelAll()
                await #expect(throws: AccessError.cancelled) { try await first.next() }
            }
            try await asked.wait { $0 == 2 }
            gate.open()
            for try await answer in others { #expect(answer) }
        }
        #expect(asked.value == 2, "one of the others asked again, for all of them")
    }

    @Test func aFailureIsToldAndNotKept() async throws {
        let cache = cache()
        await #expect(throws: AccessError.busy) {
            try await cache.value(for: "a") { () async throws(AccessError) in throw .busy }
        }
        #expect(try await cache.value(for: "a") { () async throws(AccessError) in true })
        #expect(cache.count == 1)
    }

    @Test func aFloodOfStrangersIsRefusedAndTheKnownAreNot() async throws {
        let (cache, asked, gate) = (cache(flights: 2), Observed(0), ScriptedHTTPServer.Gate())
        let clock = Observed(ContinuousClock.now)
        #expect(try await cache.value(for: "known", now: { clock.value }) { () async throws(AccessError) in true })
        clock.change { $0 += .seconds(61) }
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for name in ["x", "y"] {
                group.addTask {
                    try await cache.value(for: name, now: { clock.value }) { () async throws(AccessError) in
                        asked.change { $0 += 1 }
                        try? await gate.wait()
                        return false
                    }
                }
            }
            try await asked.wait { $0 == 2 }
            await #expect(throws: AccessError.busy) {
                try await cache.value(for: "z", now: { clock.value }) { () async throws(AccessError) in false }
            }
            #expect(try await cache.value(for: "known", now: { clock.value }) { () async throws(AccessError) in true })
            gate.open()
            try await group.waitForAll()
        }
    }

    @Test func itNeverHoldsMoreThanItsBound() async throws {
        let cache = cache(bound: 100)
        for number in 0..<1_000 {
            _ = try await cache.value(for: "\(number)") { () async throws(AccessError) in false }
            // Whoever comes often stays.
            if number.isMultiple(of: 20) {
                _ = try await cache.value(for: "regular") { () async throws(AccessError) in true }
            }
            #expect(cache.count <= 101)
        }
    }
}
