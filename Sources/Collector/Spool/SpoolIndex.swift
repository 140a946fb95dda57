internal import Coverage

/// What lies in which segment, and how far it is acknowledged. Pure: it decides, `SpoolStore` reads and writes.
///
/// It knows segments, not records, so that its size does not grow with a backlog.
struct SpoolIndex: Sendable, Equatable {
    struct Segment: Sendable, Equatable {
        let number: UInt64
        /// Where the first record begins.
        let headerBytes: Int
        /// Up to where the file is known to be good, and on the disk.
        var bytes: Int
        var records = 0
    }

    /// A border between two records. Two places are compared by the number of records before them.
    struct Place: Sendable, Hashable {
        var segment: UInt64
        var offset: Int
        /// Records before it since the spool was opened.
        var sequence: UInt64
    }

    /// What is to be done with a record.
    enum Admission: Sendable, Equatable {
        case write
        /// Close the segment that is being written, if there is one, and write into a new one.
        case writeToNewSegment
        /// There is no room now.
        case refuseFull
        /// There would be no room in an empty spool.
        case refuseTooLarge(limit: Int)
    }

    private struct Newest: Sendable, Equatable {
        var sequence: UInt64
        var position: WatchPosition
    }

    let maxBytes: Int
    /// A segment takes no further record beyond this; one record alone can be larger.
    let segmentBytes: Int
    private(set) var segments: [Segment] = []
    /// Where the oldest record that is not acknowledged begins; its segment is the first, if there is one.
    private(set) var oldest = Place(segment: 0, offset: 0, sequence: 0)
    /// Records since the spool was opened.
    private(set) var sequence: UInt64 = 0
    private(set) var nextNumber: UInt64
    /// The bytes of files that are no segments: what was set aside, and what could not be deleted.
    var otherBytes = 0
    private var newest: [String?: Newest] = [:]

    /// - Parameter nextNumber: of the first segment that will be made.
    init(maxBytes: Int, nextNumber: UInt64) {
        self.maxBytes = maxBytes
        self.nextNumber = nextNumber
        segmentBytes = min(16 << 20, maxBytes / 8)
    }

    /// Bytes of all files.
    var bytes: Int { segments.reduce(otherBytes) { $0 + $1.bytes } }

    /// Records that are not acknowledged.
    var records: Int { Int(sequence - oldest.sequence) }

    /// For each namespace, the last position among the records that are not acknowledged.
    var positions: [String?: WatchPosition] { newest.mapValues(\.position) }

    /// After all segments were read: what the last positions can vouch for.
    mutating func amendPositions(by damage: SpoolDamage) {
        for (namespace, last) in newest {
            newest[namespace]?.position = damage.amended(last.position, namespace: namespace)
        }
    }

    /// Bytes that may be set aside: a quarter. The rest is for records, so that these cannot block it for good.
    var bytesToSetAside: Int { maxBytes / 4 }

    // MARK: Appending

    /// - Parameters:
    ///   - bytes: of the record with its frame.
    ///   - headerBytes: of a segment that would be made for it.
    ///   - isWriting: whether the last segment takes more.
    ///   - unsynced: bytes of records that were written to it, but do not count yet.
    func admission(of bytes: Int, headerBytes: Int, isWriting: Bool, unsynced: Int) -> Admission {
        let limit = maxBytes - bytesToSetAside - headerBytes
        guard bytes <= limit else { return .refuseTooLarge(limit: limit) }
        var fits = false
        if isWriting, let last = segments.last {
            let filled = last.bytes + unsynced
            fits = filled + bytes <= segmentBytes || filled == last.headerBytes
        }
        let needed = self.bytes + unsynced + bytes + (fits ? 0 : headerBytes)
        guard needed <= maxBytes else { return .refuseFull }
        return fits ? .write : .writeToNewSegment
    }

    /// A new last segment, with its header only.
    mutating func began(_ number: UInt64, headerBytes: Int) {
        if segments.isEmpty { oldest = Place(segment: number, offset: headerBytes, sequence: sequence) }
        segments.append(Segment(number: number, headerBytes: headerBytes, bytes: headerBytes))
        nextNumber = max(nextNumber, number + 1)
    }

    /// A record that is safe at the end of the last segment.
    mutating func appended(bytes: Int, namespace: String?, position: WatchPosition?) {
        sequence += 1
        segments[segments.count - 1].bytes += bytes
        segments[segments.count - 1].records += 1
        if let position { newest[namespace] = Newest(sequence: sequence, position: position) }
    }

    /// Forgets the last segment if it holds no record.
    mutating func dropEmptyTail() -> Segment? {
        guard let last = segments.last, last.records == 0 else { return nil }
        segments.removeLast()
        return last
    }

    // MARK: Draining

    /// The place behind a record; nil if there is none there.
    func place(after place: Place, bytes: Int) -> Place? {
        guard place.sequence < sequence else { return nil }
        return Place(segment: place.segment, offset: place.offset + bytes, sequence: place.sequence + 1)
    }

    /// The same place, in the next segment if this one ends here; nil if no record follows.
    func readable(_ place: Place) -> Place? {
        guard place.sequence < sequence, var index = segments.firstIndex(where: { $0.number == place.segment }) else {
            return nil
        }
        var place = place
        while place.offset >= segments[index].bytes {
            index += 1
            guard index < segments.count else { return nil }
            place.segment = segments[index].number
            place.offset = segments[index].headerBytes
        }
        return place
    }

    /// Everything before the place is acknowledged. A place before the last acknowledgement changes nothing.
    ///
    /// - Returns: the segments that are done with, to be deleted; also the one that is being written, if it is.
    mutating func acknowledge(upTo place: Place) -> [Segment] {
        guard place.sequence > oldest.sequence else { return [] }
        newest = newest.filter { $0.value.sequence > place.sequence }
        guard let next = readable(place) else {
            oldest = Place(segment: place.segment, offset: place.offset, sequence: sequence)
            defer { segments = [] }
            return segments
        }
        oldest = next
        let done = segments.prefix { $0.number < next.segment }
        segments.removeFirst(done.count)
        return Array(done)
    }
}
