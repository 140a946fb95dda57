/// The rates of a service: one for every client, and others for User-Agents by pattern.
public struct RateRules: Sendable, Hashable {
    /// A rate for the User-Agents of a pattern.
    public struct Rule: Sendable, Hashable {
        /// Which User-Agents it is for.
        public let pattern: Glob
        /// What they may.
        public let policy: RatePolicy

        /// - Parameters:
        ///   - pattern: which User-Agents.
        ///   - policy: what they may.
        public init(pattern: Glob, policy: RatePolicy) {
            (self.pattern, self.policy) = (pattern, policy)
        }

        /// Reads `glob=rate` or `glob=rate:burst`, e.g. `Mozilla/*=10:20`: calls a second, and calls at once (1 when it
        /// is not said). What stands behind the last `=` is the rate, since a User-Agent may hold one.
        ///
        /// The policy has the pattern for its name, where that can stand in a field without escapes; else `rule`.
        /// - Throws: ``RateRuleError``.
        public init(parsing text: String) throws(RateRuleError) {
            guard let end = text.lastIndex(of: "="), end != text.startIndex else { throw .form(text) }
            let pattern = String(text[..<end])
            guard pattern.utf8.count <= RateRules.longestPattern else { throw .tooLong(text) }
            let numbers = text[text.index(after: end)...].split(separator: ":", omittingEmptySubsequences: false)
            guard (1...2).contains(numbers.count), let rate = Double(numbers[0]),
                let burst = numbers.count == 2 ? Int(numbers[1]) : 1
            else { throw .form(text) }
            self.pattern = Glob(pattern)
            do {
                policy = try RatePolicy(name: pattern, perSecond: rate, burst: burst)
            } catch .name {
                do {
                    policy = try RatePolicy(name: "rule", perSecond: rate, burst: burst)
                } catch {
                    throw .policy(text, error)
                }
            } catch {
                throw .policy(text, error)
            }
        }
    }

    /// Rules at most: each call looks through them.
    public static let most = 64
    /// Bytes of a pattern at most.
    static let longestPattern = 256

    /// For clients that no rule matches.
    public let standard: RatePolicy
    /// The first that matches counts.
    public let rules: [Rule]

    /// - Throws: ``RateRuleError/tooMany(_:)``.
    public init(standard: RatePolicy, rules: [Rule] = []) throws(RateRuleError) {
        guard rules.count <= Self.most else { throw .tooMany(rules.count) }
        (self.standard, self.rules) = (standard, rules)
    }

    /// One rate for everybody.
    public init(_ standard: RatePolicy) {
        (self.standard, rules) = (standard, [])
    }

    /// True when nobody is limited.
    public var isUnlimited: Bool { standard.isUnlimited && rules.allSatisfy(\.policy.isUnlimited) }

    /// The number of the policy of a User-Agent: 0 for the standard one, then the rules in order.
    func number(agent: String?) -> Int {
        guard !rules.isEmpty else { return 0 }
        let agent = agent ?? ""
        return (rules.firstIndex { $0.pattern.matches(agent) } ?? -1) + 1
    }

    func policy(_ number: Int) -> RatePolicy { number == 0 ? standard : rules[number - 1].policy }
}

/// A rule that cannot be.
public enum RateRuleError: Error, Equatable, CustomStringConvertible {
    /// It is not written as a rule.
    case form(String)
    /// Its numbers are out of range.
    case policy(String, RatePolicyError)
    /// Its pattern is too long.
    case tooLong(String)
    /// There are too many of them.
    case tooMany(Int)

    /// What is wrong, with the value and what to give instead.
    public var description: String {
        switch self {
        case .form(let text):
            "'\(text)' is no rate rule: give a pattern for User-Agents, calls a second and calls at once, such as "
                + "'Mozilla/*=10:20'"
        case .policy(let text, let error): "'\(text)': \(error)"
        case .tooLong(let text):
            "'\(text.prefix(32))...': a pattern has at most \(RateRules.longestPattern) bytes"
        case .tooMany(let count): "\(count) rate rules are too many: give at most \(RateRules.most)"
        }
    }
}
