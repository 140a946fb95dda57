import Coverage
import TestSupport
import Testing

/// Random stretches, against a look at each minute.
@Suite("The ledger against a raster of minutes")
struct CoverageRasterTests {
    private struct History {
        var entries: [String: CoverageLedger.Entry] = [:]

        init(using random: inout some RandomNumberGenerator) {
            for namespace in ["", "shop", "web"] where Int.random(in: 0..<4, using: &random) > 0 {
                let stretches = (0..<Int.random(in: 1...6, using: &random)).map { _ in
                    let since = Int64.random(in: 0..<80, using: &random)
                    let cause = CoverageStretch.Cause.allCases.randomElement(using: &random) ?? .first
                    return CoverageStretch(since...(since + Int64.random(in: 0...20, using: &random)), cause)
                }
                entries[namespace] = .init(stretches)
            }
        }

        func stretches(_ namespace: String) -> [CoverageStretch] {
            (entries[namespace]?.stretches ?? []) + (namespace.isEmpty ? [] : entries[""]?.stretches ?? [])
        }
    }

    /// Why a minute is a gap, nil if it is none.
    private static func reason(
        _ at: Int64,
        _ stretches: [CoverageStretch],
        hasLowerBound: Bool,
        now: Int64
    ) -> CoverageGap.Reason? {
        let (from, until) = (at * minute, (at + 1) * minute)
        if stretches.contains(where: { $0.since <= from && $0.until >= until }) { return nil }
        if stretches.allSatisfy({ $0.since >= until }) { return hasLowerBound ? .beforeFirstWatch : nil }
        let later = stretches.filter { $0.since >= until }
        guard let next = later.map(\.since).min() else {
            let last = stretches.map(\.until).max() ?? 0
            return at < now && now * minute - last > 3 * minute ? .notWatchedSince : nil
        }
        let causes = Set(later.filter { $0.since == next }.map(\.cause))
        if causes.contains(.unreadable) { return .unreadable }
        if causes.contains(.restored) { return .restored }
        return causes.contains(.expired) ? .expired : .notWatched
    }

    @Test func everyMinuteIsCoveredOrInOneGapWithItsReason() {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed of the stretches: \(seed)")
        var random = SplitMix64(state: seed)
        for _ in 0..<3_000 {
            let history = History(using: &random)
            let ledger = CoverageLedger(history.entries)
            let namespace = ["", "shop", "web"].randomElement(using: &random) ?? ""
            let stretches = history.stretches(namespace)
            guard !stretches.isEmpty else { continue }
            let since = Bool.random(using: &random) ? Int64.random(in: -5..<60, using: &random) : nil
            let until = Bool.random(using: &random) ? Int64.random(in: 60..<120, using: &random) : nil
            let now = Int64.random(in: 60...110, using: &random)
            let scope = namespace.isEmpty ? nil : namespace
            let gaps = ledger.gaps(scope, since, until, at: now)

            for at in (since ?? -10)..<min(until ?? now, now) {
                let holding = gaps.filter {
                    ($0.from ?? .min) <= at * minute && ($0.until ?? .max) >= (at + 1) * minute
                }
                let expected = Self.reason(at, stretches, hasLowerBound: since != nil, now: now)
                #expect(holding.map(\.reason) == (expected.map { [$0] } ?? []), "minute \(at) of \(history) at \(now)")
            }
            let missing = Set(stretches.filter { $0.cause == .unreadable }.map(\.since)).filter { moment in
                stretches.contains { $0.since < moment && $0.until >= moment }
                    && moment >= (since ?? -10) * minute && moment < (until ?? 200) * minute
            }
            #expect(gaps.filter { $0.from == $0.until }.compactMap(\.from) == missing.sorted(), "\(history)")
            #expect(gaps.allSatisfy { $0.namespace == scope })
        }
    }
}
