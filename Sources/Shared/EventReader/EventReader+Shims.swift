public import Coverage

extension EventReader {
    public func clusters(visibility: Visibility, deadline: ContinuousClock.Instant) async throws(EventReaderError) -> [ClusterSummary] { try await clusters(deadline: deadline) }
    public func newestOfEachCluster(_ count: Int, visibility: Visibility, deadline: ContinuousClock.Instant) async throws(EventReaderError) -> EventPage { try await newestOfEachCluster(count, deadline: deadline) }
    public func coverage(of cluster: String, visibility: Visibility, deadline: ContinuousClock.Instant) async throws(EventReaderError) -> CoverageLedger { try await coverage(of: cluster, deadline: deadline) }
}
extension ArchiveCoverage { public func visible(to visibility: Visibility) -> ArchiveCoverage { self } }
