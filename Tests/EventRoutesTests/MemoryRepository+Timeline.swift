@testable import EventReader
@testable import EventRoutes

extension MemoryRepository {
    /// The object's own events: nobody owns anything here.
    func timeline(
        _ query: TimelineQuery,
        after cursor: EventCursor?,
        limit: Int,
        deadline: ContinuousClock.Instant
    ) async throws(EventReaderError) -> TimelinePage {
        var own = EventQuery(.namespace(cluster: query.cluster, namespace: query.namespace))
        (own.order, own.since, own.until) = (query.order, query.since, query.until)
        (own.types, own.reasons, own.kinds, own.name) = (query.types, query.reasons, query.kinds, query.name)
        return TimelinePage(
            events: try await page(own, after: cursor, limit: limit, as: .json, deadline: deadline),
            objects: [],
            objectsAreTruncated: false,
            recordedUntil: query.recordedUntil ?? 1
        )
    }
}
