/// What was watched of every cluster of an archive.
public struct ArchiveCoverage: Sendable, Equatable {
    /// A gap, and whose it is.
    public struct Gap: Sendable, Hashable {
        /// As it is archived.
        public let cluster: String
        /// The gap itself.
        public let gap: CoverageGap

        /// From its parts.
        public init(cluster: String, gap: CoverageGap) {
            (self.cluster, self.gap) = (cluster, gap)
        }
    }

    /// The gaps of several clusters.
    public struct Gaps: Sendable, Equatable {
        /// In the order of time; at most `CoverageGaps.limit`, the newest ones.
        public var gaps: [Gap] = []
        /// Whether there are, or may be, more that are older.
        public var isTruncated = false

        /// None.
        public init() {}

        /// Whether there is nothing to tell.
        public var isEmpty: Bool { gaps.isEmpty && !isTruncated }

        mutating func add(_ other: CoverageGaps, of cluster: String) {
            guard !other.isEmpty else { return }
            isTruncated = isTruncated || other.isTruncated
            let isFirst = gaps.isEmpty
            for gap in other.gaps { gaps.append(Gap(cluster: cluster, gap: gap)) }
            if !isFirst { gaps.sort { $0.gap.place < $1.gap.place } }
            guard gaps.count > CoverageGaps.limit else { return }
            gaps.removeFirst(gaps.count - CoverageGaps.limit)
            isTruncated = true
        }
    }

    private let ledgers: [String: CoverageLedger]
    private let clusters: [String]

    /// - Parameter ledgers: by cluster; of one that is not there nothing is said.
    public init(_ ledgers: [String: CoverageLedger] = [:]) {
        self.ledgers = ledgers.filter { !$0.value.isEmpty }
        clusters = self.ledgers.keys.sorted()
    }

    /// What was watched of one cluster; nil if it never was.
    public subscript(cluster: String) -> CoverageLedger? { ledgers[cluster] }

    /// As much of it as `body` leaves of each cluster's ledger; nil leaves nothing.
    public func compactMapClusters(_ body: (String, CoverageLedger) -> CoverageLedger?) -> ArchiveCoverage {
        var left: [String: CoverageLedger] = [:]
        for (cluster, ledger) in ledgers { left[cluster] = body(cluster, ledger) }
        return ArchiveCoverage(left)
    }

    /// What was not watched in a range. Where nothing is missing it allocates nothing.
    ///
    /// - Parameters:
    ///   - cluster: nil for all of them.
    ///   - namespace: of that cluster; nil for all of it.
    ///   - now: microseconds since 1970.
    public func gaps(of cluster: String?, namespace: String? = nil, in range: CoverageRange, now: Int64) -> Gaps {
        var found = Gaps()
        if let cluster {
            if let ledger = ledgers[cluster] {
                found.add(ledger.gaps(of: namespace, in: range, now: now), of: cluster)
            }
        } else {
            for cluster in clusters {
                if let ledger = ledgers[cluster] {
                    found.add(ledger.gaps(of: nil, in: range, now: now), of: cluster)
                }
            }
        }
        return found
    }
}
