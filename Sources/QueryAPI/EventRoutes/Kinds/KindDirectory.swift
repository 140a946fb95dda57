internal import EventReader
internal import EventSchema
internal import Synchronization

/// The current catalog of kinds. It asks the archive which kinds it has seen at most once a second, and keeps the answer
/// for ten; what the archive holds is bounded by its dictionary of kinds.
final class KindDirectory<Repository: EventRepository>: Sendable {
    private struct State {
        var catalog = KindCatalog.builtIn
        var seen: [ObjectKind] = []
        var asked: ContinuousClock.Instant?
    }

    private let repository: Repository
    private let state = Mutex(State())

    init(repository: Repository) {
        self.repository = repository
    }

    /// What each text means. A text that is no kind yet may be one that was archived a moment ago, so for that a catalog
    /// of a second ago counts as old.
    /// - Returns: nil for a text that is no kind.
    func kinds(
        for texts: [String],
        deadline: ContinuousClock.Instant
    ) async throws(EventReaderError) -> [[KindReference]?] {
        let now = ContinuousClock.now
        let (catalog, asked) = state.withLock { ($0.catalog, $0.asked) }
        let found = texts.map { catalog.kinds(for: $0) }
        let freshFor: Duration = found.contains(nil) ? .seconds(1) : .seconds(10)
        if let asked, asked.advanced(by: freshFor) > now { return found }
        let fresh = try await refreshed(now: now, deadline: deadline)
        return texts.map { fresh.kinds(for: $0) }
    }

    private func refreshed(
        now: ContinuousClock.Instant,
        deadline: ContinuousClock.Instant
    ) async throws(EventReaderError) -> KindCatalog {
        let seen = try await repository.kinds(deadline: deadline)
        return state.withLock { state in
            if seen != state.seen {
                state.catalog = KindCatalog(seen: seen)
                state.seen = seen
            }
            state.asked = now
            return state.catalog
        }
    }
}
