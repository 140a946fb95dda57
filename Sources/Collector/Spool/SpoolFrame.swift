/// What stands before the payload of a record in a segment. All integers little-endian:
///
///     length of the payload  u32      time of append, microseconds since 1970  i64
///     number of bodies       u32      CRC-32C of the payload                   u32
///                                     CRC-32C of the 20 bytes before           u32
///
/// The frame has a checksum of its own so that a damaged length is known for what it is: it neither allocates memory nor
/// passes for a record that was torn off.
struct SpoolFrame: Sendable, Equatable {
    static let size = 24

    /// 64 MiB. A batch of a watch is far smaller; a frame that says more is damaged.
    static let largestPayload = 64 << 20

    let payloadBytes: Int
    let bodies: Int
    let appendedAt: Int64
    let payloadChecksum: UInt32

    var bytesWithPayload: Int { Self.size + payloadBytes }

    init(payload: [UInt8], bodies: Int, appendedAt: Int64) {
        payloadBytes = payload.count
        self.bodies = bodies
        self.appendedAt = appendedAt
        payloadChecksum = CRC32C.checksum(payload)
    }

    /// - Returns: nil if its own checksum says that the frame is damaged.
    init?(encoded bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        var reader = LittleEndianReader(bytes[...])
        guard let length = reader.integer(UInt32.self), let bodies = reader.integer(UInt32.self),
            let appendedAt = reader.integer(Int64.self), let payloadChecksum = reader.integer(UInt32.self),
            reader.integer(UInt32.self) == CRC32C.checksum(bytes.dropLast(4)), length <= Self.largestPayload
        else { return nil }
        payloadBytes = Int(length)
        self.bodies = Int(bodies)
        self.appendedAt = appendedAt
        self.payloadChecksum = payloadChecksum
    }

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.size)
        bytes.append(littleEndian: UInt32(payloadBytes))
        bytes.append(littleEndian: UInt32(bodies))
        bytes.append(littleEndian: appendedAt)
        bytes.append(littleEndian: payloadChecksum)
        bytes.append(littleEndian: CRC32C.checksum(bytes))
        return bytes
    }

    /// Whether this is the payload that the frame was written for.
    func fits(_ payload: [UInt8]) -> Bool {
        payload.count == payloadBytes && CRC32C.checksum(payload) == payloadChecksum
    }
}
