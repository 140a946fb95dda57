public import Coverage
import Postgres
import Synchronization

extension EventReader {
    /// What was watched of every cluster; some seconds old, so that a page costs no second query. Cut it to what may be
    /// seen with `ArchiveCoverage.visible(to:)`.
    public func coverage(deadline: ContinuousClock.Instant) async throws(EventReaderError) -> ArchiveCoverage {
        if let known = caches.withLock({ $0.coverage.valueOrTurn(within: ReaderCaches.coverageAge, at: .now) }) {
            return known
        }
        do throws(EventReaderError) {
            let read = try await reading(deadline) { connection in
                Self.coverage(try await connection.query(Self.newestStretches, deadline: deadline))
            }
            caches.withLock { $0.coverage.remember(read, at: .now) }
            return read
        } catch {
            caches.withLock { $0.coverage.remember(nil, at: .now) }
            throw error
        }
    }

    /// What was watched of one cluster, as far as it may be seen; empty if it never was.
    ///
    /// - Throws: `unknownCluster` besides the others, and for a cluster of which nothing may be seen.
    public func coverage(
        of cluster: String,
        visibility: Visibility = .everything,
        deadline: ContinuousClock.Instant
    ) async throws(EventReaderError) -> CoverageLedger {
        guard visibility[cluster] != nil else { throw .unknownCluster(cluster) }
        if let ledger = try await coverage(deadline: deadline)[cluster] {
            return ledger.visible(to: visibility[cluster])
        }
        _ = try await reading(deadline) { try await self.clusterID(cluster, $0, deadline) }
        return CoverageLedger([:])
    }

    /// Rows in the order of cluster and namespace, the newest stretch first.
    private static func coverage(_ result: PostgresResult) -> ArchiveCoverage {
        var clusters: [String: [String: CoverageLedger.Entry]] = [:]
        var row = 0
        while row < result.rowCount {
            let (cluster, namespace) = (result.text(row, 0), result.text(row, 1))
            var stretches: [CoverageStretch] = []
            while row < result.rowCount, result.text(row, 0) == cluster, result.text(row, 1) == namespace {
                stretches.append(
                    CoverageStretch(
                        since: result.timestampMicroseconds(row, 2),
                        until: result.timestampMicroseconds(row, 3),
                        // A newer collector may know of other causes; that nobody watched before is true of all.
                        cause: CoverageStretch.Cause(rawValue: result.text(row, 4)) ?? .first
                    )
                )
                row += 1
            }
            clusters[cluster, default: [:]][namespace] = CoverageLedger.Entry(
                Array(stretches.prefix(mostStretches)),
                isTruncated: stretches.count > mostStretches
            )
        }
        return ArchiveCoverage(clusters.mapValues { CoverageLedger($0) })
    }

    /// Of one namespace; ten times what an answer can tell of. Older time counts as not known, and answers that reach
    /// there say so. How many namespaces there are is up to those who configure collectors, and bounded by that.
    static let mostStretches = 1_000

    private static let newestStretches = PostgresStatement(
        """
        SELECT c.name, s.namespace, s.since, s.until, s.cause
        FROM (
            SELECT *, row_number() OVER (PARTITION BY cluster_id, namespace ORDER BY since DESC) AS place
            FROM kee.coverage
        ) s JOIN kee.cluster c USING (cluster_id)
        WHERE s.place <= \(mostStretches + 1) ORDER BY s.cluster_id, s.namespace, s.since DESC
        """
    )
}

extension ArchiveCoverage {
    /// What somebody may know of it.
    ///
    /// The ledger of a cluster as a whole is for whoever may see any of its namespaces: it tells when a collector was at
    /// work, nothing of what happened, and without it a silence of their own namespace would mean nothing. The ledgers of
    /// single namespaces are for those who may see these.
    public func visible(to visibility: Visibility) -> ArchiveCoverage {
        switch visibility {
        case .everything: self
        case .only(let clusters): compactMapClusters { clusters[$0] == nil ? nil : $1.visible(to: clusters[$0]) }
        }
    }
}

extension CoverageLedger {
    fileprivate func visible(to namespaces: NamespaceVisibility?) -> CoverageLedger {
        switch namespaces {
        case .all: self
        case .only(let names): filter { names.contains($0) }
        case nil: CoverageLedger([:])
        }
    }
}
