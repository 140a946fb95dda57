/// Reads a segment from its beginning, a record at a time, and finds out where it stops being one.
struct SpoolScan {
    /// Why a segment ends where it ends.
    enum End: Sendable, Equatable {
        case complete
        /// What a write leaves that was interrupted: less than it said, or zeros, or one record that does not fit its
        /// checksum and nothing behind it.
        case torn
        /// Anything else.
        case damaged
    }

    let file: any SpoolFile
    let size: Int
    /// Where the next record begins.
    private(set) var offset: Int

    init(_ file: any SpoolFile, size: Int, from offset: Int) {
        self.file = file
        self.size = size
        self.offset = offset
    }

    /// Goes through the records, up to the first that cannot be read.
    mutating func forEach(_ body: (SpoolFrame, SpoolRecord) -> Void) throws(SystemFailure) -> End {
        while offset < size {
            let head = try file.read(at: offset, count: min(SpoolFrame.size, size - offset))
            guard let frame = SpoolFrame(encoded: head) else {
                if head.count < SpoolFrame.size { return .torn }
                return try isZero() ? .torn : .damaged
            }
            let end = offset + frame.bytesWithPayload
            guard end <= size else { return .torn }
            let payload = try file.read(at: offset + SpoolFrame.size, count: frame.payloadBytes)
            guard frame.fits(payload), let record = SpoolRecord(encoded: payload[...]) else {
                return end == size ? .torn : .damaged
            }
            body(frame, record)
            offset = end
        }
        return .complete
    }

    /// Whether only zeros follow here: what a file system leaves that had extended the file, but not written into it.
    func isZero() throws(SystemFailure) -> Bool {
        var position = offset
        while position < size {
            let part = try file.read(at: position, count: min(1 << 20, size - position))
            guard !part.isEmpty, part.allSatisfy({ $0 == 0 }) else { return false }
            position += part.count
        }
        return true
    }
}
