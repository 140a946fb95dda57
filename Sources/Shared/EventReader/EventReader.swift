public import EventSchema
public import Postgres

/// Answers questions about archived events. Holds no connection between questions.
public final class EventReader: Sendable {
    private let pool: PostgresPool

    public init(pool: PostgresPool) {
        self.pool = pool
    }

    /// One page of the events that match.
    ///
    /// - Parameters:
    ///   - limit: at most so many events, from 1.
    ///   - cursor: the `next` of the page before; nil for the first.
    public func page(
        _ query: EventQuery,
        after cursor: EventCursor? = nil,
        limit: Int,
        deadline: ContinuousClock.Instant
    ) async throws(EventReaderError) -> EventPage {
        throw .unavailable
    }

    /// The newest events of each cluster, newest first over all of them.
    public func newestOfEachCluster(_ count: Int, deadline: ContinuousClock.Instant) async throws(EventReaderError)
        -> EventPage
    {
        throw .unavailable
    }

    /// All clusters, by name.
    public func clusters(deadline: ContinuousClock.Instant) async throws(EventReaderError) -> [ClusterSummary] {
        throw .unavailable
    }

    /// Every kind that was ever archived, with the groups and versions it came in; at most some seconds old.
    public func kinds(deadline: ContinuousClock.Instant) async throws(EventReaderError) -> [ObjectKind] {
        throw .unavailable
    }

    /// Nil if the archive can answer, otherwise what is wrong with it: for readiness.
    public func healthProblem(deadline: ContinuousClock.Instant) async -> String? {
        "not built yet"
    }
}
