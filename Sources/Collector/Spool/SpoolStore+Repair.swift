internal import Logging

/// A segment that cannot be read to its end.
struct SpoolRepair: Sendable, Equatable {
    let segment: UInt64
    /// 0 if the segment holds no record.
    let goodBytes: Int
    let size: Int
    /// By a crash, as was to be expected; or empty. Otherwise it is damaged.
    let isTorn: Bool

    var badBytes: Int { size - goodBytes }
}

extension SpoolStore {
    /// How many damaged pieces are kept for somebody to look at; further ones are only told of.
    static let mostSetAside = 4

    mutating func carryOut(_ repair: SpoolRepair) throws(SpoolError) {
        let name = SegmentName.spool(repair.segment)
        var facts: Logger.Metadata = ["file": "\(files.path(of: name))", "bytes": "\(repair.badBytes)"]
        if repair.isTorn {
            logger.notice("A write was interrupted by a crash; what it left is cut off the spool", metadata: facts)
        } else {
            metrics.corrupt(repair.badBytes)
            facts["from_byte"] = "\(repair.goodBytes)"
            if let copy = setAside(repair) { facts["set_aside_as"] = "\(files.path(of: copy))" }
            logger.error(
                """
                The spool is damaged: events that had been taken cannot be read; the time of the records behind them \
                is recorded as not covered
                """,
                metadata: facts
            )
        }
        try Self.disk { () throws(SystemFailure) in
            guard repair.goodBytes > 0 else { return try files.remove(name) }
            let file = try files.open(name)
            try file.truncate(to: repair.goodBytes)
            try file.synchronize()
        }
    }

    /// Keeps a copy of what cannot be read, if there is room for it.
    private mutating func setAside(_ repair: SpoolRepair) -> String? {
        guard setAsideFiles < Self.mostSetAside,
            index.otherBytes + repair.badBytes <= index.bytesToSetAside
        else { return nil }
        let name = SegmentName.corrupt(repair.segment, offset: repair.goodBytes)
        do {
            try files.remove(name)
            let (source, copy) = (try files.open(SegmentName.spool(repair.segment)), try files.create(name))
            for start in stride(from: repair.goodBytes, to: repair.size, by: 1 << 20) {
                let part = try source.read(at: start, count: min(1 << 20, repair.size - start))
                try copy.write(part, at: start - repair.goodBytes)
            }
            try copy.synchronize()
        } catch {
            logger.warning("What is damaged cannot be set aside", metadata: ["error": "\(error)"])
            delete(name, bytes: 0)
            return nil
        }
        setAsideFiles += 1
        index.otherBytes += repair.badBytes
        return name
    }

    mutating func countSetAside(_ names: [String]) throws(SpoolError) {
        for name in names where SegmentName.number(ofCorrupt: name) != nil {
            index.otherBytes += try Self.disk { () throws(SystemFailure) in try files.open(name).size() }
            setAsideFiles += 1
        }
    }

    // MARK: Breaks in the coverage

    /// More than this is no file of breaks.
    private static let mostDamageBytes = 16 << 20

    mutating func readDamage(_ names: [String]) throws(SpoolError) {
        guard names.contains(SegmentName.damage) else { return }
        var records: [SpoolRecord] = []
        let end = try Self.disk { () throws(SystemFailure) in
            let file = try files.open(SegmentName.damage)
            var scan = SpoolScan(file, size: min(try file.size(), Self.mostDamageBytes), from: 0)
            return try scan.forEach { _, record in records.append(record) }
        }
        damage = SpoolDamage(records: records)
        guard end == .complete else {
            logger.error(
                "What an earlier damage of the spool left uncovered cannot be read, and is not recorded as such",
                metadata: ["file": "\(files.path(of: SegmentName.damage))"]
            )
            return
        }
    }

    func writeDamage() throws(SpoolError) {
        guard !damage.isEmpty else { return }
        try Self.disk { () throws(SystemFailure) in
            let name = SegmentName.damage + ".new"
            try files.remove(name)
            let file = try files.create(name)
            try file.write(damage.records.flatMap { SpoolEntry($0, appendedAt: 0).bytes }, at: 0)
            try file.synchronize()
            try files.rename(name, to: SegmentName.damage)
            try files.synchronize()
        }
    }
}
