import Coverage

/// A minute, in the microseconds of coverage: the tests count in minutes.
let minute: Int64 = 60_000_000

extension CoverageStretch {
    /// From minute to minute.
    init(_ minutes: ClosedRange<Int64>, _ cause: Cause = .expired) {
        self.init(since: minutes.lowerBound * minute, until: minutes.upperBound * minute, cause: cause)
    }
}

extension CoverageRange {
    /// From minute to minute, open where none is given.
    init(minutes since: Int64?, _ until: Int64?) {
        self.init(since: since.map { $0 * minute }, until: until.map { $0 * minute })
    }
}

extension CoverageGap {
    /// From minute to minute, open where none is given.
    init(_ from: Int64?, _ until: Int64?, _ reason: Reason, of namespace: String? = nil) {
        self.init(
            namespace: namespace,
            from: from.map { $0 * minute },
            until: until.map { $0 * minute },
            reason: reason
        )
    }
}

extension CoverageLedger {
    /// Of a cluster that is watched as a whole.
    init(_ stretches: CoverageStretch...) {
        self.init(["": Entry(stretches)])
    }

    /// Of the whole cluster, as seen at a minute.
    func gaps(_ since: Int64?, _ until: Int64?, at now: Int64) -> [CoverageGap] { gaps(nil, since, until, at: now) }

    /// As seen at a minute.
    func gaps(_ namespace: String?, _ since: Int64?, _ until: Int64?, at now: Int64) -> [CoverageGap] {
        gaps(of: namespace, in: CoverageRange(minutes: since, until), now: now * minute).gaps
    }
}
