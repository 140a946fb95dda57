internal import Formats
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// Compresses a stream on its way. What is written can be read at the other end at once, so that a live tail stays live
/// and memory does not grow.
struct GzipBodyWriter: ResponseBodyWriter {
    private var parent: any ResponseBodyWriter
    private let deflater: GzipDeflater

    init(_ parent: any ResponseBodyWriter, _ deflater: GzipDeflater) {
        (self.parent, self.deflater) = (parent, deflater)
    }

    mutating func write(_ buffer: ByteBuffer) async throws {
        // An empty flush would still send five bytes.
        guard buffer.readableBytes > 0 else { return }
        try await parent.write(deflater.deflate(buffer, .now))
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
        var parent = parent
        try await parent.write(deflater.deflate(ByteBuffer(), .finish))
        try await parent.finish(trailingHeaders)
    }
}

/// Keeps what is written, for an answer that is there already.
struct CollectingBodyWriter: ResponseBodyWriter {
    final class Collected {
        var buffer = ByteBuffer()
    }

    let collected: Collected

    mutating func write(_ buffer: ByteBuffer) async throws {
        if collected.buffer.readableBytes == 0 {
            collected.buffer = buffer
        } else {
            collected.buffer.writeImmutableBuffer(buffer)
        }
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}

extension GzipDeflater {
    func deflate(_ buffer: ByteBuffer, _ flush: Flush) -> ByteBuffer {
        var output = ByteBuffer()
        buffer.withUnsafeReadableBytes { bytes in
            deflate(bytes, flush) { output.writeBytes($0) }
        }
        return output
    }
}
