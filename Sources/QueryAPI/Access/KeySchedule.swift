/// When a provider's keys are fetched. It decides; `OIDCKeys` acts.
///
/// Keys are fetched every ten minutes, so that a key that was withdrawn is not taken for much longer; and when a token
/// names a key that is not known, since providers rotate when they like, but not more often than every ten seconds,
/// since anybody can make up such tokens. Keys that could not be confirmed for a day are not used any more.
struct KeySchedule: Sendable, Equatable {
    static let interval: Duration = .seconds(600)
    static let shortestInterval: Duration = .seconds(10)
    static let longestUse: Duration = .seconds(86_400)

    enum Action: Sendable, Equatable {
        /// Keys as they are.
        case use
        /// Fetch, and then use what there is.
        case fetch
        /// There are none that can be used, and it is too early to ask again.
        case fail
    }

    /// When keys last came; nil before the first did.
    private(set) var fetchedAt: ContinuousClock.Instant?
    /// When they were last asked for.
    private(set) var triedAt: ContinuousClock.Instant?

    /// What to do for a token.
    ///
    /// - Parameter isKnown: whether its key is.
    func forToken(isKnown: Bool, now: ContinuousClock.Instant) -> Action {
        let isUsable = fetchedAt.map { now - $0 < Self.longestUse } ?? false
        if isUsable, isKnown { return .use }
        let mayAsk = triedAt.map { now - $0 >= Self.shortestInterval } ?? true
        if mayAsk { return .fetch }
        return isUsable ? .use : .fail
    }

    /// Whether it is time to fetch without anybody's asking.
    func isDue(now: ContinuousClock.Instant) -> Bool {
        let last = [triedAt, fetchedAt].compactMap(\.self).max()
        guard let last else { return true }
        // After a failure sooner: an hour without the provider must not become a day.
        let wait = fetchedAt == triedAt ? Self.interval : Self.shortestInterval
        return now - last >= wait
    }

    /// A fetch begins.
    mutating func asked(now: ContinuousClock.Instant) { triedAt = now }

    /// Keys have come, of the fetch that began last.
    mutating func received() { fetchedAt = triedAt }
}
