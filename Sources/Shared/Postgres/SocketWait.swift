#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Waits for a socket on a thread of our own, until a deadline, and can be woken from any other thread.
///
/// The wakeup is a pipe that is polled beside the socket (eventfd is not in Swift's view of the C library).
final class SocketWait: Sendable {
    struct Interest: OptionSet {
        let rawValue: UInt8
        static let read = Interest(rawValue: 1)
        static let write = Interest(rawValue: 2)
    }

    private let readEnd: Int32
    private let writeEnd: Int32

    /// Nil when the process has no file descriptor left.
    init?() {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        readEnd = ends[0]
        writeEnd = ends[1]
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// Makes a wait, the present one or the next, look at its limits again. Safe from any thread.
    func wake() {
        var byte: UInt8 = 1
        // A full pipe means that it is woken already.
        _ = write(writeEnd, &byte, 1)
    }

    /// Blocks this thread until the socket is ready for one of the interests, and says for which.
    func wait(
        for socket: Int32,
        _ interest: Interest,
        _ limits: OperationLimits
    ) throws(Interruption) -> Interest {
        var events: Int16 = 0
        if interest.contains(.read) { events |= Int16(POLLIN) }
        if interest.contains(.write) { events |= Int16(POLLOUT) }
        while true {
            try limits.check()
            let happened = pollOnce(socket, events, milliseconds(until: limits.deadline))
            guard happened != 0 else { continue }  // the deadline, a wakeup or a signal
            // An error or a hangup is for libpq to find when it reads.
            return happened == Int16(POLLOUT) ? .write : .read
        }
    }

    /// Whether there is nothing to read, no error and no hangup, without waiting.
    static func isQuiet(_ socket: Int32) -> Bool {
        var descriptor = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        return poll(&descriptor, 1, 0) == 0
    }

    private func pollOnce(_ socket: Int32, _ events: Int16, _ milliseconds: Int32) -> Int16 {
        withUnsafeTemporaryAllocation(of: pollfd.self, capacity: 2) { descriptors in
            descriptors.initializeElement(at: 0, to: pollfd(fd: socket, events: events, revents: 0))
            descriptors.initializeElement(at: 1, to: pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0))
            guard poll(descriptors.baseAddress, 2, milliseconds) > 0 else { return 0 }
            if descriptors[1].revents != 0 { drain() }
            return descriptors[0].revents
        }
    }

    private func drain() {
        var bytes: (UInt64, UInt64) = (0, 0)
        while read(readEnd, &bytes, 16) == 16 {}
    }

    /// Rounded up, so that a wait never ends before its deadline.
    private func milliseconds(until deadline: ContinuousClock.Instant) -> Int32 {
        let left = deadline - .now
        guard left > .zero else { return 0 }
        guard left < .seconds(86_400) else { return 86_400_000 }
        let (seconds, attoseconds) = left.components
        return Int32(seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
