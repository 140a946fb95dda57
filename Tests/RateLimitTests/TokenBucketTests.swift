import RateLimit
import Testing

/// A call at `at` seconds, and what must come of it.
struct Call: Sendable {
    let at: Double
    let allowed: Bool
    let remaining: Int
    let retryAfter: Int

    init(_ at: Double, _ allowed: Bool, left remaining: Int = 0, again retryAfter: Int = 1) {
        self.at = at
        self.allowed = allowed
        self.remaining = remaining
        self.retryAfter = retryAfter
    }
}

struct Story: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let rate: Double
    let burst: Int
    let calls: [Call]
}

let epoch = ContinuousClock.now

func at(_ seconds: Double) -> ContinuousClock.Instant { epoch.advanced(by: .seconds(seconds)) }

@Suite struct TokenBucketTests {
    static let stories = [
        Story(
            testDescription: "one a second, one at once",
            rate: 1,
            burst: 1,
            calls: [
                Call(0, true), Call(0, false), Call(0.999, false), Call(1, true), Call(1.5, false), Call(2, true),
                Call(100, true), Call(100.1, false),
            ]
        ),
        Story(
            testDescription: "a burst of three fills one by one and no further",
            rate: 2,
            burst: 3,
            calls: [
                Call(0, true, left: 2), Call(0, true, left: 1), Call(0, true), Call(0, false), Call(0.5, true),
                Call(0.6, false), Call(1.5, true, left: 1), Call(60, true, left: 2), Call(60, true, left: 1),
                Call(60, true), Call(60, false),
            ]
        ),
        Story(
            testDescription: "a slow rate tells the wait in whole seconds, rounded up",
            rate: 0.1,
            burst: 1,
            calls: [
                Call(0, true, again: 10), Call(0.5, false, again: 10), Call(3, false, again: 7),
                Call(9.5, false, again: 1), Call(10, true, again: 10),
            ]
        ),
        Story(
            testDescription: "denied calls cost nothing",
            rate: 1,
            burst: 1,
            calls: [Call(0, true)] + (1...9).map { Call(Double($0) / 10, false) } + [Call(1, true)]
        ),
        Story(
            testDescription: "a clock that goes back neither refills nor takes",
            rate: 1,
            burst: 2,
            calls: [
                Call(100, true, left: 1), Call(50, true), Call(0, false), Call(-1e9, false), Call(100, false),
                Call(101, true), Call(0, false), Call(101.5, false), Call(102, true),
            ]
        ),
        Story(
            testDescription: "a third of a second is not lost to rounding",
            rate: 3,
            burst: 3,
            calls: [Call(0, true, left: 2), Call(0, true, left: 1), Call(0, true)]
                + (1...300).flatMap { [Call(Double($0) / 3 + 1e-9, true), Call(Double($0) / 3 + 2e-9, false)] }
        ),
    ]

    @Test(arguments: stories) func bucketTells(_ story: Story) throws {
        let policy = try RatePolicy(perSecond: story.rate, burst: story.burst)
        var bucket = TokenBucket(now: at(story.calls[0].at))
        for (index, call) in story.calls.enumerated() {
            let decision = bucket.take(policy, now: at(call.at))
            #expect(decision.isAllowed == call.allowed, "call \(index) at \(call.at) s")
            #expect(decision.remaining == call.remaining, "call \(index) at \(call.at) s")
            #expect(decision.retryAfter == call.retryAfter, "call \(index) at \(call.at) s")
        }
    }

    @Test func rateZeroIsOff() throws {
        let policy = try RatePolicy(perSecond: 0, burst: 1)
        var bucket = TokenBucket(now: epoch)
        for _ in 0..<1000 {
            let decision = bucket.take(policy, now: epoch)
            #expect(decision.isAllowed)
            #expect(decision.rateLimitField == nil)
            #expect(decision.policyField == nil)
        }
    }

    @Test(arguments: [0.1, 0.3, 0.7, 1.1, 3, 7, 11.3, 49, 333, 999_983]) func everyTokenOfABurstIsCounted(rate: Double)
        throws
    {
        let policy = try RatePolicy(perSecond: rate, burst: 100)
        var bucket = TokenBucket(now: epoch)
        for left in (0..<100).reversed() {
            #expect(bucket.take(policy, now: epoch).remaining == left)
        }
        #expect(!bucket.take(policy, now: epoch).isAllowed)
    }

    @Test func extremeRatesStayInRange() throws {
        var bucket = TokenBucket(now: epoch)
        let slowest = try RatePolicy(perSecond: 0.000_001, burst: 1_000_000)
        #expect(bucket.take(slowest, now: epoch).remaining == 999_999)
        let fastest = try RatePolicy(perSecond: 1_000_000, burst: 1)
        bucket = TokenBucket(now: epoch)
        #expect(bucket.take(fastest, now: epoch).isAllowed)
        #expect(!bucket.take(fastest, now: epoch).isAllowed)
        #expect(bucket.take(fastest, now: at(0.000_001)).isAllowed)
        #expect(bucket.take(fastest, now: at(1e12)).isAllowed)
    }

    @Test(arguments: [-1, .nan, .infinity, 1e-9, 1e9])
    func ratesOutOfRangeAreRefused(_ rate: Double) {
        let error = #expect(throws: RatePolicyError.self) { try RatePolicy(perSecond: rate, burst: 1) }
        #expect("\(error.map { "\($0)" } ?? "")".contains("calls a second from"))
    }

    @Test(arguments: [0, -1, 1_000_001])
    func burstsOutOfRangeAreRefused(_ burst: Int) {
        #expect(throws: RatePolicyError.burst(burst)) { try RatePolicy(perSecond: 1, burst: burst) }
    }

    @Test(arguments: ["", "a b", "a\"b", "a\\b", "ä"])
    func namesThatNeedEscapesAreRefused(_ name: String) {
        #expect(throws: RatePolicyError.name(name)) { try RatePolicy(name: name, perSecond: 1, burst: 1) }
    }

    @Test(arguments: [
        (1.0, 1, "\"default\";q=1;w=1"), (1, 5, "\"default\";q=5;w=5"), (10, 10, "\"default\";q=10;w=1"),
        (10, 1, "\"default\";q=10;w=1"), (0.5, 1, "\"default\";q=1;w=2"), (0.3, 1, "\"default\";q=1;w=4"),
        (100, 5, "\"default\";q=100;w=1"),
    ])
    func policyFieldPromisesNoMoreThanTheBucketGives(rate: Double, burst: Int, field: String) throws {
        #expect(try RatePolicy(perSecond: rate, burst: burst).policyField == field)
    }

    @Test func fieldsSayWhatIsLeft() throws {
        let policy = try RatePolicy(perSecond: 1, burst: 2)
        var bucket = TokenBucket(now: epoch)
        #expect(bucket.take(policy, now: epoch).rateLimitField == "\"default\";r=1;t=1")
        #expect(bucket.take(policy, now: epoch).rateLimitField == "\"default\";r=0;t=1")
        #expect(bucket.take(policy, now: epoch).rateLimitField == "\"default\";r=0;t=1")
        #expect(bucket.take(policy, now: epoch).policyField == "\"default\";q=2;w=2")
    }
}
