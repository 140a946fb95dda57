import CZlib

/// Decompresses gzip (RFC 1952) as it comes, several members back to back included, and owns zlib's state.
final class GzipInflater {
    enum Outcome: Equatable {
        /// All was consumed.
        case wantsMore
        /// The stream is complete, and the last bytes of what was given, so many, are no member of it.
        case untidyEnd(Int)
        /// zlib's words.
        case damaged(String)
    }

    /// How many compressed bytes have been consumed.
    private(set) var consumed = 0
    /// Whether a member is complete and no other has begun.
    private(set) var isAtEnd = false

    private let stream: UnsafeMutablePointer<z_stream>
    private let output = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 256 << 10)
    private let isReady: Bool
    /// The first byte of what may be another member, whose second has not come.
    private var hasFirstOfMagic = false

    init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        isReady = inflateInit2_(stream, Self.gzipOnly, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    }

    deinit {
        if isReady { inflateEnd(stream) }
        stream.deallocate()
        output.deallocate()
    }

    /// The largest window, and a gzip header instead of zlib's. Source: zlib.h, inflateInit2.
    private static let gzipOnly: Int32 = 15 + 16
    private static let magic: (UInt8, UInt8) = (0x1f, 0x8b)

    static func isMagic(_ bytes: [UInt8]) -> Bool { bytes.count >= 2 && (bytes[0], bytes[1]) == magic }

    /// Decompresses some bytes, and calls `body` with what comes out of them.
    func inflate(
        _ input: UnsafeBufferPointer<UInt8>,
        into body: (UnsafeBufferPointer<UInt8>) throws -> Void
    ) rethrows -> Outcome {
        guard isReady else { return .damaged("no memory for zlib") }
        var position = 0
        while position < input.count {
            if isAtEnd {
                guard beginsMember(input, &position) else { return .untidyEnd(input.count - position) }
                continue
            }
            let rest = UnsafeBufferPointer(rebasing: input[position...])
            let (result, used, made) = step(rest)
            position += used
            consumed += used
            if made > 0 { try body(UnsafeBufferPointer(rebasing: UnsafeBufferPointer(output)[..<made])) }
            switch result {
            case Z_STREAM_END: isAtEnd = true
            case Z_OK: break
            // No progress was possible: it wants more input.
            case Z_BUF_ERROR: return .wantsMore
            default: return .damaged(stream.pointee.msg.map { String(cString: $0) } ?? "zlib error \(result)")
            }
        }
        return try isAtEnd ? .wantsMore : drain(into: body)
    }

    /// What zlib still has in its window when all input is used up.
    private func drain(into body: (UnsafeBufferPointer<UInt8>) throws -> Void) rethrows -> Outcome {
        while true {
            let (result, _, made) = step(UnsafeBufferPointer(start: nil, count: 0))
            if made > 0 { try body(UnsafeBufferPointer(rebasing: UnsafeBufferPointer(output)[..<made])) }
            if result == Z_STREAM_END { isAtEnd = true }
            if result != Z_OK || made < output.count { return .wantsMore }
        }
    }

    private func step(_ input: UnsafeBufferPointer<UInt8>) -> (result: Int32, used: Int, made: Int) {
        // zlib counts in 32 bits and does not write to its input.
        let given = min(input.count, 1 << 30)
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        stream.pointee.avail_in = UInt32(given)
        stream.pointee.next_out = output.baseAddress
        stream.pointee.avail_out = UInt32(output.count)
        let result = CZlib.inflate(stream, Z_NO_FLUSH)
        return (result, given - Int(stream.pointee.avail_in), output.count - Int(stream.pointee.avail_out))
    }

    /// Behind a member: passes over zeros, as gzip does since tapes are padded with them, and begins the next member.
    private func beginsMember(_ input: UnsafeBufferPointer<UInt8>, _ position: inout Int) -> Bool {
        while position < input.count {
            let byte = input[position]
            if hasFirstOfMagic {
                hasFirstOfMagic = false
                guard byte == Self.magic.1, inflateReset(stream) == Z_OK else { return false }
                isAtEnd = false
                // The first byte may have come with the input before, so zlib is given both anew.
                _ = withUnsafePointer(to: Self.magic.0) { step(UnsafeBufferPointer(start: $0, count: 1)) }
                return true
            }
            guard byte == 0 || byte == Self.magic.0 else { return false }
            hasFirstOfMagic = byte == Self.magic.0
            position += 1
            consumed += 1
        }
        return true
    }
}
