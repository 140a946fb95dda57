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
        deadline: ContinuousClock.Instant
    ) async throws(EventReaderError) -> EventPage

    /// The newest events of each cluster, newest first over all of them.
    func newestOfEachCluster(
        _ count: Int,
        deadline: ContinuousClock.Instant
    ) async throws(EventReaderError) -> EventPage

    /// All clusters, by name.
    func clusters(deadline: ContinuousClock.Instant) async throws(EventReaderError) -> [ClusterSummary]

    /// Every kind that was ever archived, with the groups and versions it came in.
    func kinds(deadline: ContinuousClock.Instant) async throws(EventReaderError) -> [ObjectKind]

    /// What was watched of every cluster. Asked at each page: it must be at hand.
    func coverage(deadline: ContinuousClock.Instant) async throws(EventReaderError) -> ArchiveCoverage

    /// What was watched of one cluster that the archive knows; empty if it never was.
    func coverage(
        of cluster: String,
        deadline: ContinuousClock.Instant
    ) async throws(EventReaderError) -> CoverageLedger

    /// The story of an object and of those that it owned: at most `limit` events behind `cursor`, and all the objects.
    func timeline(
        _ query: TimelineQuery,
        after cursor: EventCursor?,
        limit: Int,
        deadline: ContinuousClock.Instant
    ) async throws(EventReaderError) -> TimelinePage
}

extension EventReader: EventRepository {}
