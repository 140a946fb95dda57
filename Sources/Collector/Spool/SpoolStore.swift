internal import Coverage
internal import Logging

/// The files of an open spool, and the index of what is in them. Every call blocks; `Spool` makes them one at a time, on
/// a thread of its own.
struct SpoolStore {
    /// The segment that is being written: the last one of the index.
    struct Tail {
        let number: UInt64
        let file: any SpoolFile
        /// Records that were written, but not synced, and for which of the callers.
        var unsynced: [(record: SpoolEntry, caller: Int)] = []
        var unsyncedBytes = 0
    }

    let files: any SpoolFiles
    let header: SegmentHeader
    let logger: Logger
    let metrics: SpoolMetrics
    var index: SpoolIndex
    var damage: SpoolDamage
    /// nil: the next record begins a segment.
    var tail: Tail?
    /// The segment that was read last.
    var reading: (number: UInt64, file: any SpoolFile)?
    /// Files that could not be deleted. It is tried again when room is needed.
    var undeleted: [(name: String, bytes: Int, failure: SystemFailure)] = []
    /// Files with what is damaged.
    var setAsideFiles = 0
    /// A record was refused for want of room, and none was made since.
    var isFull = false
    /// When the oldest record that is not acknowledged was appended.
    var oldestAppendedAt: Int64?
    var isClosed = false

    /// What can be said of the spool without waiting for the disk.
    var status: SpoolStatus {
        SpoolStatus(
            bytes: index.bytes,
            limit: index.maxBytes,
            records: index.records,
            oldestAppendedAt: oldestAppendedAt,
            isFull: isFull
        )
    }

    mutating func close() {
        isClosed = true
        tail = nil
        reading = nil
        files.unlock()
    }

    // MARK: Appending

    /// Writes the records of all callers that wait, with one sync for all that come into one segment.
    ///
    /// - Returns: for each caller, whether its record is safe.
    mutating func commit(_ entries: [SpoolEntry]) -> [Result<Void, SpoolError>] {
        guard !isClosed else { return entries.map { _ in .failure(.closed) } }
        var results: [Result<Void, SpoolError>] = entries.map { _ in .success(()) }
        for (caller, entry) in entries.enumerated() {
            do throws(SpoolError) {
                try write(entry, of: caller, &results)
            } catch {
                results[caller] = .failure(error)
            }
        }
        synchronizeTail(&results)
        return results
    }

    private mutating func write(
        _ entry: SpoolEntry,
        of caller: Int,
        _ results: inout [Result<Void, SpoolError>]
    ) throws(SpoolError) {
        switch admission(of: entry) {
        case .write: break
        case .writeToNewSegment:
            synchronizeTail(&results)
            tail = nil
            try beginSegment()
        case .refuseFull:
            // With nothing to acknowledge nobody would ever make room: it is the disk's fault then.
            if index.records == 0, let failure = undeleted.first?.failure { throw .disk(failure) }
            isFull = true
            throw .full(bytes: index.bytes, limit: index.maxBytes)
        case .refuseTooLarge(let limit): throw .tooLarge(bytes: entry.bytes.count, limit: limit)
        }
        guard var tail, let segment = index.segments.last else { return }
        do {
            try tail.file.write(entry.bytes, at: segment.bytes + tail.unsyncedBytes)
        } catch {
            cutBack(tail, to: segment.bytes + tail.unsyncedBytes, &results)
            throw .disk(error)
        }
        tail.unsynced.append((entry, caller))
        tail.unsyncedBytes += entry.bytes.count
        self.tail = tail
    }

    private mutating func admission(of entry: SpoolEntry) -> SpoolIndex.Admission {
        let decide = { [tail, header] (index: SpoolIndex) in
            index.admission(
                of: entry.bytes.count,
                headerBytes: header.size,
                isWriting: tail != nil,
                unsynced: tail?.unsyncedBytes ?? 0
            )
        }
        let admission = decide(index)
        guard admission == .refuseFull, !undeleted.isEmpty else { return admission }
        deleteAgain()
        return decide(index)
    }

    private mutating func beginSegment() throws(SpoolError) {
        let number = index.nextNumber
        let name = SegmentName.spool(number)
        do throws(SystemFailure) {
            let file = try files.create(name)
            do throws(SystemFailure) {
                try file.write(header.encoded(), at: 0)
                try files.synchronize()
            } catch {
                delete(name, bytes: header.size)
                throw error
            }
            index.began(number, headerBytes: header.size)
            tail = Tail(number: number, file: file)
        } catch {
            throw .disk(error)
        }
    }

    /// After a failed write: the records before it are good, and the file ends behind them. A file that cannot be cut
    /// takes no more; what is behind its good end is never read.
    private mutating func cutBack(_ tail: Tail, to size: Int, _ results: inout [Result<Void, SpoolError>]) {
        do {
            try tail.file.truncate(to: size)
        } catch {
            logger.error("A segment of the spool cannot be cut back", metadata: ["error": "\(error)"])
            synchronizeTail(&results)
            closeTail()
        }
    }

    /// Makes what was written safe. If that fails the segment ends with what was safe before and takes no more: the
    /// kernel has dropped what it could not write, so that a second sync would lie.
    private mutating func synchronizeTail(_ results: inout [Result<Void, SpoolError>]) {
        guard var tail, !tail.unsynced.isEmpty, let segment = index.segments.last else { return }
        do {
            try tail.file.synchronize()
            for (entry, _) in tail.unsynced {
                index.appended(bytes: entry.bytes.count, namespace: entry.namespace, position: entry.position)
                if index.records == 1 { oldestAppendedAt = entry.appendedAt }
            }
            metrics.appended(tail.unsynced.count)
            tail.unsynced = []
            tail.unsyncedBytes = 0
            self.tail = tail
        } catch {
            for (_, caller) in tail.unsynced { results[caller] = .failure(.disk(error)) }
            logger.error(
                "The disk of the spool has failed; the segment is closed, and the next begins a new one",
                metadata: ["error": "\(error)", "safe_bytes": "\(segment.bytes)"]
            )
            do {
                try tail.file.truncate(to: segment.bytes)
            } catch {
                logger.error("A segment of the spool cannot be cut back", metadata: ["error": "\(error)"])
            }
            closeTail()
        }
    }

    /// No more goes into the segment; without a record it goes altogether, or a disk that keeps failing would leave one
    /// for each attempt.
    private mutating func closeTail() {
        tail = nil
        if let empty = index.dropEmptyTail() { delete(SegmentName.spool(empty.number), bytes: empty.bytes) }
    }

    // MARK: Deleting

    /// Deletes a file now, or later if the system refuses. It may be there again after a crash: no harm is in that.
    mutating func delete(_ name: String, bytes: Int) {
        do {
            try files.remove(name)
        } catch {
            logger.warning("A file of the spool cannot be deleted; trying again later", metadata: ["error": "\(error)"])
            undeleted.append((name, bytes, error))
            index.otherBytes += bytes
        }
    }

    mutating func deleteAgain() {
        let files = undeleted
        undeleted = []
        for file in files {
            index.otherBytes -= file.bytes
            delete(file.name, bytes: file.bytes)
        }
    }
}

/// A record on its way into a segment.
struct SpoolEntry: Sendable {
    /// The frame and the payload.
    let bytes: [UInt8]
    let appendedAt: Int64
    let namespace: String?
    let position: WatchPosition?

    init(_ record: SpoolRecord, appendedAt: Int64) {
        let payload = record.encoded()
        let frame = SpoolFrame(payload: payload, bodies: record.bodies.count, appendedAt: appendedAt)
        bytes = frame.encoded() + payload
        self.appendedAt = appendedAt
        namespace = record.namespace
        position = record.position
    }
}
