#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// What another process writes into. Both ends are closed when this goes.
final class ProcessPipe {
    private(set) var readEnd: Int32
    private(set) var writeEnd: Int32

    /// Nil when the system has no descriptors left.
    init?() {
        var ends: (Int32, Int32) = (-1, -1)
        let made = withUnsafeMutablePointer(to: &ends) { pair in
            pair.withMemoryRebound(to: Int32.self, capacity: 2) { pipe($0) }
        }
        guard made == 0 else { return nil }
        (readEnd, writeEnd) = ends
        for end in [readEnd, writeEnd] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(readEnd, F_SETFL, O_NONBLOCK)
    }

    deinit {
        closeReading()
        closeWriting()
    }

    /// Whether more may come.
    var isOpen: Bool { readEnd >= 0 }

    func closeWriting() {
        if writeEnd >= 0 { close(writeEnd) }
        writeEnd = -1
    }

    private func closeReading() {
        if readEnd >= 0 { close(readEnd) }
        readEnd = -1
    }

    /// Takes what is there, at most 64 KiB at once, and notes the end.
    func read(_ take: (ArraySlice<UInt8>) -> Void) {
        guard isOpen else { return }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        #if canImport(Darwin)
            let count = Darwin.read(readEnd, &buffer, buffer.count)
        #elseif canImport(Musl)
            let count = Musl.read(readEnd, &buffer, buffer.count)
        #else
            let count = Glibc.read(readEnd, &buffer, buffer.count)
        #endif
        if count > 0 { return take(buffer[..<count]) }
        if count < 0, errno == EINTR || errno == EAGAIN { return }
        closeReading()
    }

    /// Waits until one of them has something, or its end, to be read.
    ///
    /// - Returns: false if the time is over, or none of them is open.
    static func wait(for pipes: [ProcessPipe], milliseconds: Int32) -> Bool {
        var polled = pipes.filter(\.isOpen).map { pollfd(fd: $0.readEnd, events: Int16(POLLIN), revents: 0) }
        return poll(&polled, nfds_t(polled.count), milliseconds) > 0
    }
}
