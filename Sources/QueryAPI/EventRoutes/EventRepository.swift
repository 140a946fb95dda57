public import Coverage
public import EventReader
public import EventSchema

/// What the routes ask of the archive; `EventReader` answers it, and tests may.
public protocol EventRepository: Sendable {
    /// One page of the events that match, at most `limit` of them, behind `cursor`.
    func page(
        _ query: EventQuery,
        after cursor: EventCursor?,
        limit: Int,
        as form: PageForm,
        deadline: ContinuousClock.Instant
    ) async throws(EventReaderError) -> EventPage

    /// The newest events of each cluster, as far as they may be seen, newest first over all of them.
    func newestOfEachCluster(
        _ count: Int,
        visibility: Visibility,
        deadline: ContinuousClock.Instant
    ) async throws(EventReaderError) -> EventPage

    /// Numbers of observations, bucket by bucket.
    func stats(_ query: StatsQuery, deadline: ContinuousClock.Instant) async throws(EventReaderError) -> EventStats

    /// The clusters of which something may be seen, by name, each with what of it may be seen.
    func clusters(
        visibility: Visibility,
        deadline: ContinuousClock.Instant
    ) async throws(EventReaderError) -> [ClusterSummary]

    /// The namespaces of a cluster that may be seen, by name, at most `limit` of them, behind `name`.
    func namespaces(
        of cluster: String,
        visibility: Visibility,
        after name: String?,
        limit: Int,
        deadline: ContinuousClock.Instant
    ) async throws(EventReaderError) -> [NamespaceSummary]

    /// Every kind that was ever archived, with the groups and versions it came in.
    func kinds(deadline: ContinuousClock.Instant) async throws(EventReaderError) -> [ObjectKind]

    /// What was watched of every cluster. Asked at each page: it must be at hand.
    func coverage(deadline: ContinuousClock.Instant) async throws(EventReaderError) -> ArchiveCoverage

    /// What was watched of one cluster that the archive knows, as far as it may be seen; empty if it never was.
    func coverage(
        of cluster: String,
        visibility: Visibility,
        deadline: ContinuousClock.Instant
    ) async throws(EventReaderError) -> CoverageLedger
}

extension EventReader: EventRepository {}
