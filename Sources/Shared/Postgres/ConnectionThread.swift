import DequeModule
import Dispatch
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The one thread of a connection, as an executor: what its actor runs may block here, and blocks nobody else.
///
/// It ends after `stop`, once its queue is empty. An actor may be called after that; such jobs find a closed connection
/// and do not block, and run on a queue that all closed connections share.
final class ConnectionThread: SerialExecutor {
    private enum Work: Sendable {
        case job(UnownedJob)
        case closure(@Sendable () -> Void)
    }

    private struct State {
        var queue = Deque<Work>()
        var stopping = false
        var ended = false
    }

    private static let ofClosedConnections = DispatchQueue(label: "kee.postgres.closed")

    private let state = Mutex(State())
    private let available = DispatchSemaphore(value: 0)

    private init() {}

    /// Nil when the system refuses another thread.
    static func start() -> ConnectionThread? {
        let thread = ConnectionThread()
        let context = Unmanaged.passRetained(thread)
        guard startDetached(context.toOpaque()) else {
            context.release()
            return nil
        }
        return thread
    }

    /// Runs a closure on the thread, after what is queued.
    func perform(_ closure: @escaping @Sendable () -> Void) { add(.closure(closure)) }

    /// Ends the thread once what is queued by now is done.
    func stop() {
        state.withLock { $0.stopping = true }
        available.signal()
    }

    func enqueue(_ job: consuming ExecutorJob) { add(.job(UnownedJob(job))) }

    private func add(_ work: Work) {
        let ended = state.withLock { state in
            if !state.ended { state.queue.append(work) }
            return state.ended
        }
        if ended {
            Self.ofClosedConnections.async { self.run(work) }
        } else {
            available.signal()
        }
    }

    private func run(_ work: Work) {
        switch work {
        case .job(let job): job.runSynchronously(on: asUnownedSerialExecutor())
        case .closure(let closure): closure()
        }
    }

    fileprivate func runLoop() {
        while true {
            available.wait()
            let (work, ended) = state.withLock { state in
                let work = state.queue.popFirst()
                state.ended = work == nil && state.stopping
                return (work, state.ended)
            }
            if ended { return }
            if let work { run(work) }
        }
    }
}

private func startDetached(_ context: UnsafeMutableRawPointer) -> Bool {
    withUnsafeTemporaryAllocation(of: pthread_attr_t.self, capacity: 1) { attributes in
        guard let attributes = attributes.baseAddress, pthread_attr_init(attributes) == 0 else { return false }
        defer { pthread_attr_destroy(attributes) }
        pthread_attr_setdetachstate(attributes, Int32(PTHREAD_CREATE_DETACHED))
        // Name resolution needs the most of it; the default is 8 MiB with glibc and 128 KiB with musl.
        pthread_attr_setstacksize(attributes, 1 << 20)
        #if canImport(Darwin)
            var id: pthread_t?
        #else
            var id = pthread_t()
        #endif
        return pthread_create(&id, attributes, runConnectionThread, context) == 0
    }
}

private func runConnectionThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    nameThisThread()
    Unmanaged<ConnectionThread>.fromOpaque(context).takeRetainedValue().runLoop()
    return nil
}

/// For `top -H` and debuggers; without a /proc it stays unnamed.
private func nameThisThread() {
    let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    var name = "postgres"
    _ = name.withUTF8 { write(file, $0.baseAddress, $0.count) }
    close(file)
}
