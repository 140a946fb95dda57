import Testing

@testable import RateLimit

@Suite("Rates by pattern")
struct RateRulesTests {
    @Test(
        arguments: [
            ("*", "", true), ("", "", true), ("", "a", false), ("curl/*", "curl/8.5", true), ("curl/*", "curl/", true),
            ("curl/*", "Curl/8.5", false), ("*Firefox*", "Mozilla/5.0 Gecko Firefox/130", true),
            ("*Firefox", "Mozilla/5.0 Firefox/130", false), ("a?c", "abc", true), ("a?c", "ac", false),
            ("a*b*c", "axxbyyc", true), ("a*b*c", "axxcyyb", false), ("*ab", "aab", true),
            ("*.example", "x.example", true),
            ("[a]", "a", false), ("**", "anything", true), ("curl", "curl/8", false),
        ]
    )
    func aPatternMatches(pattern: String, agent: String, isMatch: Bool) {
        #expect(Glob(pattern).matches(agent) == isMatch)
    }

    @Test func aPatternOfManyStarsDoesNotHang() {
        let start = ContinuousClock.now
        let pattern = Glob(String(repeating: "*a", count: 127) + "b")
        #expect(!pattern.matches(String(repeating: "a", count: 16_000)))
        #expect(start.duration(to: .now) < .seconds(10))
    }

    @Test(
        arguments: [
            ("Mozilla/*=10:20", "Mozilla/*", 10.0, 20, "Mozilla/*"), ("curl/*=0.5", "curl/*", 0.5, 1, "curl/*"),
            ("a=b*=2:3", "a=b*", 2, 3, "a=b*"), ("*=0", "*", 0, 1, "*"), ("My Tool*=1", "My Tool*", 1, 1, "rule"),
            ("\"x\"=1", "\"x\"", 1, 1, "rule"),
        ]
    )
    func aRuleIsRead(text: String, pattern: String, rate: Double, burst: Int, name: String) throws {
        let rule = try RateRules.Rule(parsing: text)
        #expect(rule.pattern == Glob(pattern))
        let policy = try RatePolicy(name: name, perSecond: rate, burst: burst)
        #expect(rule.policy == policy)
    }

    @Test(arguments: ["", "curl", "=1", "curl=", "curl=x", "curl=1:", "curl=1:x", "curl=1:2:3", "curl=nan"])
    func aRuleThatIsNoneIsNamed(text: String) {
        let error = #expect(throws: RateRuleError.self) { try RateRules.Rule(parsing: text) }
        #expect(error?.description.contains("'\(text)'") == true)
    }

    @Test func numbersOutOfRangeAreNamed() {
        #expect(throws: RateRuleError.policy("curl=-1", .rate(-1))) { try RateRules.Rule(parsing: "curl=-1") }
        #expect(throws: RateRuleError.policy("curl=1:0", .burst(0))) { try RateRules.Rule(parsing: "curl=1:0") }
        #expect(throws: RateRuleError.self) { try RateRules.Rule(parsing: String(repeating: "x", count: 300) + "=1") }
    }

    private let start = ContinuousClock.now

    private func limiter(_ rules: String..., bound: Int = 100) throws -> RateLimiter {
        RateLimiter(
            rules: try RateRules(
                standard: try RatePolicy(perSecond: 1, burst: 1),
                rules: rules.map { try RateRules.Rule(parsing: $0) }
            ),
            bound: bound
        )
    }

    @Test func theFirstRuleThatMatchesCounts() throws {
        var limiter = try limiter("Mozilla/*=10:3", "*=100:2")
        let browser = (0..<4).map { _ in limiter.check(agent: "Mozilla/5.0", now: start).isAllowed }
        #expect(browser == [true, true, true, false])
        let other = (0..<3).map { _ in limiter.check(agent: "curl/8", now: start) }
        #expect(other.map(\.isAllowed) == [true, true, false])
        #expect(other[0].policyField == "\"*\";q=100;w=1")
        #expect(other[0].rateLimitField == "\"*\";r=1;t=1")
    }

    @Test func agentsOfARuleHaveABucketEach() throws {
        var limiter = try limiter("Mozilla/*=10:1")
        #expect(limiter.check(agent: "Mozilla/5.0 Firefox", now: start).isAllowed)
        #expect(limiter.check(agent: "Mozilla/5.0 Chrome", now: start).isAllowed)
        #expect(!limiter.check(agent: "Mozilla/5.0 Chrome", now: start).isAllowed)
    }

    @Test func aClientHasABucketForEachRateThatItComesUnder() throws {
        var limiter = try limiter("Mozilla/*=10:2")
        let allowed = ["curl", "curl", "Mozilla/5", "Mozilla/5", "Mozilla/5", "wget"].map {
            limiter.check(client: "10.0.0.1", agent: $0, now: start).isAllowed
        }
        #expect(
            allowed == [true, false, true, true, false, false],
            "the standard bucket is the address's, not the agent's"
        )
    }

    @Test func aRuleCanLiftTheLimit() throws {
        var limiter = try limiter("kube-probe/*=0")
        for _ in 0..<100 { #expect(limiter.check(agent: "kube-probe/1.32", now: start).isAllowed) }
        #expect(limiter.count == 0)
        #expect(limiter.check(agent: "kube-probe/1.32", now: start).policyField == nil)
    }

    @Test func beyondTheBoundEachRateHasItsOwnSharedBucket() throws {
        var limiter = try limiter("Mozilla/*=10:2", bound: 1)
        #expect(limiter.check(agent: "a", now: start).isAllowed)
        #expect(limiter.check(agent: "b", now: start).isAllowed, "the shared bucket of the standard rate")
        #expect(!limiter.check(agent: "c", now: start).isAllowed)
        let browsers = ["Mozilla/1", "Mozilla/2", "Mozilla/3"].map { limiter.check(agent: $0, now: start).isAllowed }
        #expect(browsers == [true, true, false], "that of the browsers")
        #expect(limiter.count == 1)
    }

    @Test func tooManyRulesAreRefused() throws {
        let rule = try RateRules.Rule(parsing: "x=1")
        let standard = try RatePolicy(perSecond: 1, burst: 1)
        #expect(throws: RateRuleError.tooMany(65)) {
            try RateRules(standard: standard, rules: Array(repeating: rule, count: 65))
        }
    }
}
