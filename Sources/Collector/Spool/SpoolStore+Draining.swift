internal import Logging

extension SpoolStore {
    /// The oldest records that are not acknowledged, up to these bounds, but one in any case.
    ///
    /// - Returns: nil if there is none.
    mutating func oldestBatch(maxEvents: Int, maxBytes: Int) throws(SpoolError) -> SpoolBatch? {
        guard !isClosed else { throw .closed }
        var records: [SpoolRecord] = []
        var (events, bytes) = (0, 0)
        var end = index.oldest
        while let place = index.readable(end) {
            do throws(SpoolError) {
                let frame = try self.frame(at: place)
                let fits = events + frame.bodies <= maxEvents && bytes + frame.payloadBytes <= maxBytes
                guard records.isEmpty || fits else { break }
                records.append(try record(at: place, frame))
                events += frame.bodies
                bytes += frame.payloadBytes
                guard let next = index.place(after: place, bytes: frame.bytesWithPayload) else { break }
                end = next
            } catch {
                // What was read is good, and goes first.
                guard !records.isEmpty else { throw error }
                break
            }
        }
        return records.isEmpty ? nil : SpoolBatch(records: records, end: end)
    }

    /// Everything up to the end of the batch is done with.
    mutating func acknowledge(_ batch: SpoolBatch) {
        guard !isClosed else { return }
        let before = index.records
        let done = index.acknowledge(upTo: batch.end)
        metrics.drained(before - index.records)
        deleteAgain()
        if let tail, done.contains(where: { $0.number == tail.number }) { self.tail = nil }
        if let reading, done.contains(where: { $0.number == reading.number }) { self.reading = nil }
        for segment in done { delete(SegmentName.spool(segment.number), bytes: segment.bytes) }
        if index.records == 0 { forgetDamage() }
        if !done.isEmpty {
            isFull = false
            do {
                try files.synchronize()
            } catch {
                // They may be there again after a crash of the machine, and then be written once more: no harm.
                logger.warning("The directory of the spool cannot be synced", metadata: ["error": "\(error)"])
            }
        }
        oldestAppendedAt = index.readable(index.oldest).flatMap { try? frame(at: $0).appendedAt }
    }

    mutating func forgetDamage() {
        guard !damage.isEmpty else { return }
        damage = SpoolDamage()
        delete(SegmentName.damage, bytes: 0)
    }

    private mutating func frame(at place: SpoolIndex.Place) throws(SpoolError) -> SpoolFrame {
        guard let frame = SpoolFrame(encoded: try read(place.segment, at: place.offset, count: SpoolFrame.size)) else {
            throw damaged(at: place)
        }
        return frame
    }

    private mutating func record(at place: SpoolIndex.Place, _ frame: SpoolFrame) throws(SpoolError) -> SpoolRecord {
        let payload = try read(place.segment, at: place.offset + SpoolFrame.size, count: frame.payloadBytes)
        guard frame.fits(payload), var record = SpoolRecord(encoded: payload[...]) else { throw damaged(at: place) }
        record.position = record.position.map { damage.amended($0, namespace: record.namespace) }
        return record
    }

    /// The file was good when the spool was opened, or when the record was written. Only at a start is damage set aside,
    /// for only then does a watch go on from what is left.
    private func damaged(at place: SpoolIndex.Place) -> SpoolError {
        .damaged(file: files.path(of: SegmentName.spool(place.segment)), offset: place.offset)
    }

    private mutating func read(_ number: UInt64, at offset: Int, count: Int) throws(SpoolError) -> [UInt8] {
        do {
            if let tail, tail.number == number { return try tail.file.read(at: offset, count: count) }
            if let reading, reading.number == number { return try reading.file.read(at: offset, count: count) }
            let file = try files.open(SegmentName.spool(number))
            reading = (number, file)
            return try file.read(at: offset, count: count)
        } catch {
            throw .disk(error)
        }
    }
}
