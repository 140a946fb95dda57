internal import Logging

extension SpoolStore {
    /// Locks the directory, reads every segment, cuts off what was torn and sets aside what is damaged.
    ///
    /// All is read before anything is changed, and the breaks in the coverage are on the disk before the damage that they
    /// stand for is cut off.
    static func open(
        _ files: any SpoolFiles,
        directory: String,
        maxBytes: Int,
        cluster: String,
        logger: Logger,
        metrics: SpoolMetrics
    ) throws(SpoolError) -> SpoolStore {
        let names = try disk { () throws(SystemFailure) in try files.lock() ? files.names() : nil }
        guard let names else { throw .inUse(directory: directory) }
        do throws(SpoolError) {
            let numbers = names.compactMap(SegmentName.number(ofSpool:)).sorted()
            let used = numbers + names.compactMap(SegmentName.number(ofCorrupt:))
            var store = SpoolStore(
                files: files,
                header: SegmentHeader(cluster: cluster),
                logger: logger,
                metrics: metrics,
                index: SpoolIndex(maxBytes: maxBytes, nextNumber: (used.max() ?? 0) + 1),
                damage: SpoolDamage()
            )
            try store.readDamage(names)
            try store.countSetAside(names)
            var repairs: [SpoolRepair] = []
            for number in numbers {
                if let repair = try store.readSegment(number, isLast: number == numbers.last) { repairs.append(repair) }
            }
            if repairs.contains(where: { !$0.isTorn }) { try store.writeDamage() }
            for repair in repairs { try store.carryOut(repair) }
            store.index.amendPositions(by: store.damage)
            if store.index.records == 0 { store.forgetDamage() }
            try disk { () throws(SystemFailure) in try files.synchronize() }
            return store
        } catch {
            files.unlock()
            throw error
        }
    }

    static func disk<Value>(_ body: () throws(SystemFailure) -> Value) throws(SpoolError) -> Value {
        do {
            return try body()
        } catch {
            throw .disk(error)
        }
    }

    // MARK: Segments

    /// - Returns: what is to be mended; nil if nothing is.
    private mutating func readSegment(_ number: UInt64, isLast: Bool) throws(SpoolError) -> SpoolRepair? {
        let name = SegmentName.spool(number)
        let (file, size) = try Self.disk { () throws(SystemFailure) in
            let file = try files.open(name)
            return (file, try file.size())
        }
        let longest = SegmentHeader.fixedSize + SegmentHeader.longestName + 4
        let reading = try Self.disk { () throws(SystemFailure) in
            SegmentHeader.read(try file.read(at: 0, count: min(size, longest)))
        }
        switch reading {
        case .header(let found):
            guard found == header else {
                throw .otherCluster(file: files.path(of: name), found: found.cluster, expected: header.cluster)
            }
            return try readRecords(of: number, SpoolScan(file, size: size, from: header.size), isLast: isLast)
        case .unknownVersion(let version): throw .unknownVersion(file: files.path(of: name), version: version)
        case .short, .damaged:
            let scan = SpoolScan(file, size: size, from: 0)
            var isTorn = reading == .short
            if !isTorn { isTorn = try Self.disk { () throws(SystemFailure) in try scan.isZero() } }
            isTorn = isTorn && isLast
            if !isTorn { damage.hole() }
            return SpoolRepair(segment: number, goodBytes: 0, size: size, isTorn: isTorn)
        }
    }

    private mutating func readRecords(
        of number: UInt64,
        _ scan: SpoolScan,
        isLast: Bool
    ) throws(SpoolError) -> SpoolRepair? {
        var scan = scan
        index.began(number, headerBytes: header.size)
        let end = try Self.disk { () throws(SystemFailure) in
            try scan.forEach { frame, record in
                index.appended(
                    bytes: frame.bytesWithPayload,
                    namespace: record.namespace,
                    position: record.position
                )
                if index.records == 1 { oldestAppendedAt = frame.appendedAt }
                damage.pass(record.position, namespace: record.namespace)
            }
        }
        let isEmpty = index.dropEmptyTail() != nil
        let goodBytes = isEmpty ? 0 : scan.offset
        switch end {
        case .complete:
            return isEmpty ? SpoolRepair(segment: number, goodBytes: 0, size: scan.size, isTorn: true) : nil
        case .torn where isLast:
            return SpoolRepair(segment: number, goodBytes: goodBytes, size: scan.size, isTorn: true)
        case .torn, .damaged:
            damage.hole()
            return SpoolRepair(segment: number, goodBytes: goodBytes, size: scan.size, isTorn: false)
        }
    }
}
