internal import Coverage
internal import EventModel
internal import JSON
internal import NIOCore

/// The body that tells what was watched, and how gaps are written wherever they are told of.
enum CoverageListBody {
    /// A list in the form of a Kubernetes one, with an item for the cluster as a whole and for each namespace that is
    /// watched by itself; for the namespace alone that was asked for.
    static func coverage(_ ledger: CoverageLedger, _ parameters: CoverageParameters, now: Int64) -> ByteBuffer {
        var output = JSONOutput(capacity: 1_024)
        output.write("{\"kind\":\"CoverageList\",\"apiVersion\":\"kee/v1\",\"metadata\":{},\"items\":[")
        if let namespace = parameters.namespace {
            if !ledger.isEmpty {
                output.write(item: namespace, ledger.coverage(of: namespace), in: parameters.range) {
                    ledger.gaps(of: namespace, in: $0, now: now)
                }
            }
        } else {
            var isFirst = true
            for (namespace, coverage) in ledger.scopes {
                if !isFirst { output.write(",") }
                isFirst = false
                output.write(item: namespace, coverage, in: parameters.range) { coverage.gaps(in: $0, now: now) }
            }
        }
        output.write("]}\n")
        return output.withBytes { ByteBuffer(bytes: $0) }
    }
}

extension JSONOutput {
    /// What was watched of one namespace.
    fileprivate mutating func write(
        item namespace: String?,
        _ coverage: ScopeCoverage?,
        in range: CoverageRange,
        _ gaps: (CoverageRange) -> CoverageGaps
    ) {
        write("{\"namespace\":")
        write(text: namespace)
        write(",\"coveredUntil\":")
        write(time: coverage?.coveredUntil)
        write(",\"stretches\":[")
        let stretches = coverage?.stretches(in: range) ?? []
        let newest = stretches.suffix(CoverageGaps.limit)
        for (index, stretch) in newest.enumerated() {
            if index > 0 { write(",") }
            write("{\"since\":")
            write(time: stretch.since)
            write(",\"until\":")
            write(time: stretch.until)
            write(",\"cause\":")
            write(string: stretch.cause.rawValue)
            write("}")
        }
        write("]")
        if newest.count < stretches.count || coverage?.isTruncated == true { write(",\"stretchesTruncated\":true") }
        let gaps = gaps(range)
        write(",\"gaps\":[")
        for (index, gap) in gaps.gaps.enumerated() {
            if index > 0 { write(",") }
            write("{")
            write(members: gap)
        }
        write("]")
        if gaps.isTruncated { write(",\"gapsTruncated\":true") }
        write("}")
    }

    /// The members of an event list's metadata that tell of gaps.
    mutating func write(_ gaps: ArchiveCoverage.Gaps) {
        write("\"gaps\":[")
        for (index, gap) in gaps.gaps.enumerated() {
            if index > 0 { write(",") }
            write("{\"cluster\":")
            write(string: gap.cluster)
            write(",\"namespace\":")
            write(text: gap.gap.namespace)
            write(",")
            write(members: gap.gap)
        }
        write("]")
        if gaps.isTruncated { write(",\"gapsTruncated\":true") }
    }

    private mutating func write(members gap: CoverageGap) {
        write("\"from\":")
        write(time: gap.from)
        write(",\"until\":")
        write(time: gap.until)
        write(",\"reason\":")
        write(string: gap.reason.rawValue)
        write("}")
    }

    private mutating func write(text: String?) {
        if let text { write(string: text) } else { write("null") }
    }

    /// RFC 3339, with microseconds where there are any; null for an end that is open.
    mutating func write(time: Int64?) {
        guard let time else { return write("null") }
        write(timestamp: time, form: time % 1_000_000 == 0 ? .seconds : .microseconds)
    }
}
