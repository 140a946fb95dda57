/// The bytes of a document or an element while it is read: all of them up to the limit; beyond it the beginning, and
/// the newest ones, where a place to go on may be.
struct ScannedText {
    private(set) var bytes: [UInt8] = []
    /// The beginning of what grew beyond the limit.
    private(set) var overlongStart: [UInt8]?
    private var usualCount = 1024

    mutating func begin(with byte: UInt8) {
        if bytes.capacity == 0 { bytes.reserveCapacity(usualCount) }
        bytes.removeAll(keepingCapacity: true)
        bytes.append(byte)
        overlongStart = nil
    }

    mutating func append(_ byte: UInt8) { bytes.append(byte) }

    mutating func append(_ part: UnsafeBufferPointer<UInt8>, limits: ReplayLimits) {
        bytes.append(contentsOf: part)
        guard bytes.count > limits.document else { return }
        if overlongStart == nil { overlongStart = Array(bytes.prefix(limits.excerpt)) }
        bytes.removeFirst(bytes.count - part.count)
    }

    /// Hands the bytes over.
    mutating func take() -> [UInt8] {
        let taken = bytes
        // What follows will be about as long.
        usualCount = min(taken.count + taken.count / 8 + 64, 64 << 10)
        bytes = []
        return taken
    }

    func excerpt(upTo end: Int, limits: ReplayLimits) -> [UInt8] {
        overlongStart ?? Array(bytes.prefix(min(end, limits.excerpt)))
    }
}
