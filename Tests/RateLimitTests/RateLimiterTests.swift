import RateLimit
import Testing

@Suite struct RateLimiterTests {
    let policy: RatePolicy

    init() throws {
        policy = try RatePolicy(perSecond: 1, burst: 1)
    }

    @Test func oneAgentDoesNotSpendAnothers() {
        var limiter = RateLimiter(policy: policy)
        #expect(limiter.check(agent: "curl/8", now: at(0)).isAllowed)
        #expect(!limiter.check(agent: "curl/8", now: at(0.5)).isAllowed)
        #expect(limiter.check(agent: "Grafana/11", now: at(0.5)).isAllowed)
        #expect(limiter.check(agent: "curl/8", now: at(1)).isAllowed)
    }

    @Test func clientsWithoutAnAgentShareOneBucket() {
        var limiter = RateLimiter(policy: policy)
        #expect(limiter.check(agent: nil, now: at(0)).isAllowed)
        #expect(!limiter.check(agent: nil, now: at(0)).isAllowed)
        #expect(!limiter.check(agent: "", now: at(0)).isAllowed)
        #expect(limiter.count == 0)
    }

    @Test func madeUpAgentsFillNoMemoryAndResetNobody() {
        var limiter = RateLimiter(policy: policy)
        #expect(limiter.check(agent: "honest", now: at(0)).isAllowed)
        var allowed = 0
        for number in 0..<100_000 {
            // All within a tenth of a second.
            let now = at(Double(number) / 1_000_000)
            if limiter.check(agent: "made-up/\(number)", now: now).isAllowed { allowed += 1 }
        }
        #expect(limiter.count == RateLimiter.defaultBound)
        // Each of those that found a place once, and once the bucket that the rest share.
        #expect(allowed == RateLimiter.defaultBound - 1 + 1)
        #expect(!limiter.check(agent: "honest", now: at(0.5)).isAllowed)
        #expect(!limiter.check(agent: "made-up/7", now: at(0.5)).isAllowed)
        #expect(limiter.check(agent: "honest", now: at(1)).isAllowed)
    }

    @Test func agentsBeyondTheBoundShareOneBucketUntilThereIsRoom() {
        var limiter = RateLimiter(policy: policy, bound: 2)
        #expect(limiter.check(agent: "a", now: at(0)).isAllowed)
        #expect(limiter.check(agent: "b", now: at(0.2)).isAllowed)
        #expect(limiter.check(agent: "c", now: at(0.3)).isAllowed)
        #expect(!limiter.check(agent: "d", now: at(0.4)).isAllowed)
        // The first bucket is full again at 1 s, and makes room.
        #expect(limiter.check(agent: "d", now: at(1)).isAllowed)
        #expect(!limiter.check(agent: "d", now: at(1.1)).isAllowed)
        #expect(!limiter.check(agent: "b", now: at(1.1)).isAllowed)
        #expect(limiter.count == 2)
    }

    @Test func onlyFullBucketsAreForgottenWhateverTheOrderOfUse() throws {
        // With a burst, the least recently used is not the first to be full: "heavy" is older and emptier.
        var limiter = RateLimiter(policy: try RatePolicy(perSecond: 1, burst: 5), bound: 2)
        for _ in 0..<5 { #expect(limiter.check(agent: "heavy", now: at(0)).isAllowed) }
        #expect(limiter.check(agent: "light", now: at(0.1)).isAllowed)
        #expect(limiter.check(agent: "new", now: at(1.2)).remaining == 4)
        #expect(limiter.check(agent: "heavy", now: at(1.2)).remaining == 0)
        #expect(limiter.count == 2)
    }

    @Test func aBucketUsedAgainLosesItsPlaceInLine() {
        var limiter = RateLimiter(policy: policy, bound: 2)
        #expect(limiter.check(agent: "a", now: at(0)).isAllowed)
        #expect(limiter.check(agent: "b", now: at(0.1)).isAllowed)
        #expect(limiter.check(agent: "a", now: at(1)).isAllowed)
        // b is full since 1.1, a is not: c takes b's place.
        #expect(limiter.check(agent: "c", now: at(1.5)).isAllowed)
        #expect(!limiter.check(agent: "a", now: at(1.6)).isAllowed)
        #expect(!limiter.check(agent: "c", now: at(1.6)).isAllowed)
    }

    @Test(arguments: [1, 3]) func itAgreesWithOneThatNeverForgets(burst: Int) throws {
        // Random calls by few agents over a small bound, beside a limiter that is written for plainness.
        let policy = try RatePolicy(perSecond: 1, burst: burst)
        var generator = SplitMix(state: 42)
        var limiter = RateLimiter(policy: policy, bound: 8)
        var plain: [UInt64: TokenBucket] = [:]
        var shared = TokenBucket(now: at(0))
        var seconds = 0.0
        var denied = 0
        for call in 0..<20_000 {
            seconds += Double(generator.next() % 200) / 1000
            let now = at(seconds)
            let agent = generator.next() % 24
            let expected: RateDecision
            plain = plain.filter { !$0.value.isFull(now: now) }
            if var own = plain[agent] {
                expected = own.take(policy, now: now)
                plain[agent] = own
            } else if plain.count < 8 {
                var own = TokenBucket(now: now)
                expected = own.take(policy, now: now)
                plain[agent] = own
            } else {
                expected = shared.take(policy, now: now)
            }
            #expect(limiter.check(agent: "agent \(agent)", now: now) == expected, "call \(call)")
            #expect(limiter.count <= 8)
            if !expected.isAllowed { denied += 1 }
        }
        #expect(denied > 1000 && denied < 19_000, "the calls should meet both answers")
    }

    @Test func longAgentsKeepTheirOwnBuckets() {
        var limiter = RateLimiter(policy: policy)
        let long = String(repeating: "x", count: 10_000)
        #expect(limiter.check(agent: long + "1", now: at(0)).isAllowed)
        #expect(limiter.check(agent: long + "2", now: at(0)).isAllowed)
        #expect(!limiter.check(agent: long + "1", now: at(0)).isAllowed)
        let cutInsideALetter = String(repeating: "x", count: 63) + String(repeating: "é", count: 200)
        #expect(limiter.check(agent: cutInsideALetter, now: at(0)).isAllowed)
        #expect(!limiter.check(agent: cutInsideALetter, now: at(0)).isAllowed)
        #expect(limiter.count == 3)
    }

    @Test func aClockThatGoesBackRefillsNothing() {
        var limiter = RateLimiter(policy: policy, bound: 1)
        #expect(limiter.check(agent: "a", now: at(100)).isAllowed)
        #expect(!limiter.check(agent: "a", now: at(0)).isAllowed)
        #expect(limiter.check(agent: "b", now: at(-50)).isAllowed, "the shared bucket's one call")
        #expect(!limiter.check(agent: "c", now: at(100.5)).isAllowed)
        #expect(limiter.check(agent: "a", now: at(101)).isAllowed)
    }

    @Test func rateZeroKeepsNothing() throws {
        var limiter = RateLimiter(policy: try RatePolicy(perSecond: 0, burst: 1))
        for _ in 0..<100 { #expect(limiter.check(agent: "a", now: at(0)).isAllowed) }
        #expect(limiter.count == 0)
    }

    @Test func manyThreadsShareOneBurst() async throws {
        let limiter = SharedRateLimiter(rules: RateRules(try RatePolicy(perSecond: 0.001, burst: 100)))
        let allowed = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    (0..<100).count { _ in limiter.check(client: "everyone", agent: nil).isAllowed }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(allowed == 100)
        #expect(limiter.count == 1)
    }
}

/// A small generator, so that a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
