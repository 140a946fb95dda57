#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A file, a FIFO or standard input, read by a thread that may block.
final class FileInput {
    /// What became of a wait.
    enum Outcome: Equatable {
        case bytes(Int)
        case end
        /// The wake pipe was signalled.
        case interrupted
    }

    private let path: String
    private let descriptor: Int32
    private let isRegular: Bool
    private let wake: WakePipe

    /// Opens the file; "-" is standard input.
    ///
    /// A FIFO is opened without waiting for somebody who writes: that wait can be ended only in `read`.
    init(path: String, wake: WakePipe) throws(ReplayError) {
        descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw ReplayError.cannotOpen(path: path, reason: Self.reason(of: errno)) }
        self.path = path
        self.wake = wake
        var status = stat()
        isRegular = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    deinit {
        if path != "-" { close(descriptor) }
    }

    /// Whether `read` returns at once.
    var isReady: Bool { isRegular || poll(timeout: 0) != 0 }

    /// Reads what is there, and waits for it if need be.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ReplayError) -> Outcome {
        while true {
            if !isRegular {
                let ready = poll(timeout: -1)
                if ready & 2 != 0 { return .interrupted }
            }
            #if canImport(Darwin)
                let count = Darwin.read(descriptor, buffer.baseAddress, buffer.count)
            #elseif canImport(Glibc)
                let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            #elseif canImport(Musl)
                let count = Musl.read(descriptor, buffer.baseAddress, buffer.count)
            #endif
            if count > 0 { return .bytes(count) }
            if count == 0 { return .end }
            guard errno == EINTR || errno == EAGAIN else {
                throw ReplayError.cannotRead(path: path, reason: Self.reason(of: errno))
            }
        }
    }

    /// Bit 0: there is input, an end or an error; bit 1: the wake pipe was signalled.
    private func poll(timeout: Int32) -> Int {
        var waits = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wake.readEnd, events: Int16(POLLIN), revents: 0),
        ]
        #if canImport(Darwin)
            _ = Darwin.poll(&waits, 2, timeout)
        #elseif canImport(Glibc)
            _ = Glibc.poll(&waits, 2, timeout)
        #elseif canImport(Musl)
            _ = Musl.poll(&waits, 2, timeout)
        #endif
        return (waits[0].revents != 0 ? 1 : 0) | (waits[1].revents != 0 ? 2 : 0)
    }

    private static func reason(of number: Int32) -> String {
        var text = [CChar](repeating: 0, count: 256)
        guard strerror_r(number, &text, text.count) == 0 else { return "error \(number)" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
