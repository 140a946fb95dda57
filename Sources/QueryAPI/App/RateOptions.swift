import ArgumentParser
import EventRoutes
import RateLimit
import Settings

/// `--rate-...`: how many calls a client may make.
struct RateOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Calls a second for each client; 0 for no limit.", valueName: "calls"))
    var rateLimit = 1.0

    @Option(help: ArgumentHelp("Calls at once for each client.", valueName: "calls"))
    var rateBurst = 1

    @Option(
        help: ArgumentHelp(
            "What tells clients apart: agent (User-Agent), token (the name that access control knows) or address.",
            valueName: "what"
        ),
        transform: { text in
            guard let key = RateKey(rawValue: text) else {
                throw SettingValueError("'\(text)' tells no clients apart: give agent, token or address")
            }
            return key
        }
    )
    var rateLimitBy = RateKey.agent

    @Option(
        help: ArgumentHelp(
            "Another rate for User-Agents of a pattern, such as 'Mozilla/*=10:20': calls a second, and at once. The"
                + " first that matches counts. Can be repeated.",
            valueName: "rule"
        ),
        transform: { text in try RateRules.Rule(parsing: text) }
    )
    var rateRule: [RateRules.Rule] = []

    func rules() throws(ProgramExit) -> RateRules {
        let standard: RatePolicy
        do {
            standard = try RatePolicy(perSecond: rateLimit, burst: rateBurst)
        } catch {
            throw .usage("--rate-limit \(rateLimit) and --rate-burst \(rateBurst): \(error)")
        }
        do {
            // Without a limit there is none for anybody: --rate-limit 0 turns it off.
            return try RateRules(standard: standard, rules: standard.isUnlimited ? [] : rateRule)
        } catch {
            throw .usage("--rate-rule: \(error)")
        }
    }
}
