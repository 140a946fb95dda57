/// What was watched of one cluster, by namespace and as a whole. Empty for a cluster that nobody ever watched, such as
/// one that was only replayed: of that nothing is said.
public struct CoverageLedger: Sendable, Equatable {
    /// What was read of one namespace.
    public struct Entry: Sendable, Equatable {
        /// In any order.
        public var stretches: [CoverageStretch]
        /// Whether there are older ones that were not read.
        public var isTruncated: Bool

        /// From its parts.
        public init(_ stretches: [CoverageStretch], isTruncated: Bool = false) {
            (self.stretches, self.isTruncated) = (stretches, isTruncated)
        }

        /// Before this, not every stretch was read.
        var knownFrom: Int64? { isTruncated ? stretches.lazy.map(\.since).min() : nil }
    }

    /// All namespaces watched together; nil if they never were.
    public let whole: ScopeCoverage?
    /// Those that were watched by themselves, each together with the times at which all were.
    private let namespaces: [String: ScopeCoverage]
    /// Their names, in order.
    private let names: [String]
    /// Whether others are watched by themselves of which nothing is told.
    private var hasOthers = false

    /// - Parameter entries: by namespace; the empty name stands for all of them, watched together.
    public init(_ entries: [String: Entry]) {
        let all = entries[""].flatMap { $0.stretches.isEmpty ? nil : $0 }
        whole = all.map { ScopeCoverage($0.stretches, knownFrom: $0.knownFrom) }
        namespaces = entries.filter { !$0.key.isEmpty && !$0.value.stretches.isEmpty }.mapValues { entry in
            ScopeCoverage(
                entry.stretches + (all?.stretches ?? []),
                knownFrom: [entry.knownFrom, all?.knownFrom].compactMap(\.self).max()
            )
        }
        names = namespaces.keys.sorted()
    }

    /// The ledger of the cluster as a whole, and of those namespaces that are included. That others are watched is known
    /// still, so that one that is not watched is not taken for one of a cluster that nobody watches.
    public func filter(_ isIncluded: (String) -> Bool) -> CoverageLedger {
        CoverageLedger(self, names.filter(isIncluded))
    }

    private init(_ ledger: CoverageLedger, _ included: [String]) {
        whole = ledger.whole
        names = included
        let known = ledger.namespaces
        namespaces = Dictionary(uniqueKeysWithValues: included.compactMap { name in known[name].map { (name, $0) } })
        hasOthers = ledger.hasOthers || included.count < ledger.names.count
    }

    /// Whether nobody ever watched.
    public var isEmpty: Bool { whole == nil && names.isEmpty && !hasOthers }

    /// What was watched of a namespace; nil if neither it nor the whole cluster ever was.
    public func coverage(of namespace: String) -> ScopeCoverage? { namespaces[namespace] ?? whole }

    /// The cluster as a whole (nil), if it was ever watched so, and each namespace that was watched by itself.
    public var scopes: [(namespace: String?, coverage: ScopeCoverage)] {
        var scopes: [(namespace: String?, coverage: ScopeCoverage)] = []
        if let whole { scopes.append((nil, whole)) }
        for name in names { scopes.append((name, namespaces[name] ?? ScopeCoverage([]))) }
        return scopes
    }

    /// What was not watched in a range.
    ///
    /// A cluster whose namespaces are watched one by one has the gaps of each of them. One that was ever watched as a whole
    /// has those of the whole, which hold all gaps of its namespaces.
    ///
    /// - Parameters:
    ///   - namespace: nil for the whole cluster.
    ///   - now: microseconds since 1970.
    public func gaps(of namespace: String?, in range: CoverageRange, now: Int64) -> CoverageGaps {
        guard !isEmpty else { return CoverageGaps() }
        if let namespace {
            return coverage(of: namespace)?.gaps(in: range, now: now, namespace: namespace)
                ?? neverWatched(namespace, range, now)
        }
        if let whole { return whole.gaps(in: range, now: now) }
        var found = CoverageGaps()
        for name in names {
            if let coverage = namespaces[name] { found.add(coverage.gaps(in: range, now: now, namespace: name)) }
        }
        return found
    }

    private func neverWatched(_ namespace: String, _ range: CoverageRange, _ now: Int64) -> CoverageGaps {
        var found = CoverageGaps()
        guard range.lower < range.upper, range.lower < now else { return found }
        found.gaps = [
            CoverageGap(
                namespace: namespace,
                from: range.since,
                until: range.until.flatMap { $0 <= now ? $0 : nil },
                reason: .notWatched
            )
        ]
        return found
    }
}
