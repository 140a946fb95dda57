import CZlib

/// Compresses to gzip (RFC 1952) piece by piece, and owns zlib's state.
public final class GzipDeflater {
    /// How much memory a compressor takes, and so how well it finds what was said before.
    public enum Size: Sendable {
        /// 268 KB: for answers and exports, of which there are few at once.
        case full
        /// 25 KB: for streams that trickle, of which there may be hundreds.
        case small
    }

    /// What becomes of the bytes that zlib would rather keep for a while.
    public enum Flush: Sendable {
        /// All that was given can be read at the other end.
        case now
        /// This was the last of it.
        case finish
    }

    private let stream: UnsafeMutablePointer<z_stream>
    private let output: UnsafeMutableBufferPointer<UInt8>

    /// Nil if there is no memory for it.
    public init?(_ size: Size) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let (window, memory, capacity): (Int32, Int32, Int) =
            switch size {
            case .full: (15, 8, 32 << 10)
            case .small: (12, 4, 1 << 10)
            }
        output = .allocate(capacity: capacity)
        let result = deflateInit2_(
            stream,
            Self.level,
            Z_DEFLATED,
            window + Self.gzipHeader,
            memory,
            Z_DEFAULT_STRATEGY,
            ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size)
        )
        // What was allocated is freed by deinit, which also runs then.
        guard result == Z_OK else { return nil }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
        output.deallocate()
    }

    /// The fastest. See docs/api.md for what it gives.
    private static let level: Int32 = 1
    /// Added to the bits of the window. Source: zlib.h, deflateInit2.
    private static let gzipHeader: Int32 = 16

    /// Compresses some bytes, at most 1 GiB, and calls `body` with what comes out of them.
    public func deflate(
        _ input: UnsafeRawBufferPointer,
        _ flush: Flush,
        into body: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        precondition(input.count <= 1 << 30, "zlib counts in 32 bits")
        let mode: Int32 =
            switch flush {
            case .now: Z_SYNC_FLUSH
            case .finish: Z_FINISH
            }
        // zlib does not write to its input.
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: input.bindMemory(to: UInt8.self).baseAddress
        )
        stream.pointee.avail_in = UInt32(input.count)
        repeat {
            stream.pointee.next_out = output.baseAddress
            stream.pointee.avail_out = UInt32(output.count)
            _ = CZlib.deflate(stream, mode)
            let made = output.count - Int(stream.pointee.avail_out)
            if made > 0 { body(UnsafeBufferPointer(rebasing: UnsafeBufferPointer(output)[..<made])) }
        } while stream.pointee.avail_out == 0
    }
}
