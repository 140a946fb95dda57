internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Writes whole lines to a file descriptor, each by one `write(2)`, so that lines of several processes on one pipe do not
/// mix while they fit `PIPE_BUF`.
///
/// Nothing is queued: a reader that is slow makes the caller wait, as every log on standard error does. Where the
/// descriptor does not block, a line waits for a tenth of a second at most, and what does not fit then is lost.
public final class LineSink: Sendable {
    /// Longer lines are cut.
    static let longestLine = 64 * 1024

    private let descriptor: Int32
    private let lock = Mutex(())

    /// Standard error.
    public static let standardError = LineSink(descriptor: 2)

    /// A sink for a descriptor that stays open as long as the sink is used.
    public init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// True when a person is watching.
    public var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Writes a line, which must not hold a line end itself; one is added.
    public func write(_ line: String) {
        var bytes = Array(line.utf8.prefix(Self.longestLine))
        if bytes.count < line.utf8.count {
            // Not inside a character.
            while let last = bytes.last, last & 0xC0 == 0x80 { bytes.removeLast() }
            if let last = bytes.last, last >= 0xC0 { bytes.removeLast() }
            bytes += Array("...".utf8)
        }
        bytes.append(UInt8(ascii: "\n"))
        lock.withLock { _ in
            bytes.withUnsafeBytes { writeAll($0) }
        }
    }

    private func writeAll(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = writeOnce(descriptor, UnsafeRawBufferPointer(rebasing: rest))
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if errno == EAGAIN {
                var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                guard pollOnce(&poll, 100) > 0 else { return }
            } else if errno != EINTR {
                return
            }
        }
    }
}

private func writeOnce(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    #if canImport(Glibc)
        Glibc.write(descriptor, bytes.baseAddress, bytes.count)
    #elseif canImport(Musl)
        Musl.write(descriptor, bytes.baseAddress, bytes.count)
    #else
        Darwin.write(descriptor, bytes.baseAddress, bytes.count)
    #endif
}

private func pollOnce(_ descriptor: inout pollfd, _ milliseconds: Int32) -> Int32 {
    poll(&descriptor, 1, milliseconds)
}
