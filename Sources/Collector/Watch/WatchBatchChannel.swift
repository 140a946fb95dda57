internal import Coverage
internal import JSON
internal import Synchronization

/// Between the task that reads a watch and the one that delivers: a bounded buffer, and two bells.
///
/// One task appends and one takes. Appending waits while the buffer is full, which stops the reading of the stream.
final class WatchBatchChannel: Sendable {
    private struct State: Sendable {
        var buffer: WatchBatchBuffer
        var isFinished = false
    }

    /// A bell that is rung while nobody listens is heard later, once.
    private struct Bell: Sendable {
        private let stream: AsyncStream<Void>
        private let continuation: AsyncStream<Void>.Continuation

        init() {
            (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        }

        func ring() { continuation.yield() }

        /// - Returns: false if the waiting task was cancelled.
        func wait() async -> Bool {
            var iterator = stream.makeAsyncIterator()
            return await iterator.next() != nil
        }
    }

    private let namespace: String?
    private let state: Mutex<State>
    private let filled = Bell()
    private let emptied = Bell()
    private let now: @Sendable () -> ContinuousClock.Instant
    private let sleep: @Sendable (Duration) async throws -> Void

    /// - Parameters:
    ///   - now: tests set the clock.
    ///   - sleep: and let it go on by this.
    init(
        namespace: String?,
        options: WatchOptions,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.namespace = namespace
        self.now = now
        self.sleep = sleep
        state = Mutex(State(buffer: WatchBatchBuffer(options)))
    }

    /// Takes an event as soon as there is room for it.
    ///
    /// - Parameters:
    ///   - position: what is reached with it; nil inside a list.
    ///   - isHeldBack: told when waiting for room begins and ends.
    /// - Throws: `CancellationError` if the task is cancelled while there is none.
    func append(
        _ object: JSONValue,
        position: WatchPosition? = nil,
        isHeldBack: (Bool) -> Void = { _ in }
    ) async throws(CancellationError) {
        try await put(isHeldBack) { $0.append(object, position: position) }
    }

    /// Notes that this position is reached, as soon as the last one of another stretch is on its way.
    ///
    /// - Parameters:
    ///   - mustGoOut: does not wait for an event.
    ///   - isHeldBack: told when waiting begins and ends.
    /// - Throws: `CancellationError` if the task is cancelled while it waits.
    func reach(
        _ position: WatchPosition,
        mustGoOut: Bool = false,
        isHeldBack: (Bool) -> Void = { _ in }
    ) async throws(CancellationError) {
        try await put(isHeldBack) { $0.reach(position, mustGoOut: mustGoOut, at: now()) }
    }

    private func put(
        _ isHeldBack: (Bool) -> Void,
        _ take: (inout WatchBatchBuffer) -> Bool
    ) async throws(CancellationError) {
        func isTaken() -> Bool {
            let (isTaken, isReady) = state.withLock { (take(&$0.buffer), $0.buffer.isReady) }
            if isReady { filled.ring() }
            return isTaken
        }
        guard !isTaken() else { return }
        isHeldBack(true)
        defer { isHeldBack(false) }
        repeat {
            guard await emptied.wait() else { throw CancellationError() }
        } while !isTaken()
    }

    /// Says that nothing more comes; what is here is still handed out.
    func finish() {
        state.withLock { $0.isFinished = true }
        filled.ring()
    }

    /// Everything that was gathered, as soon as there is something and it has waited for company.
    ///
    /// A buffer that fills in the midst of that wait is taken at its end, so a watch brings at most `batchEvents` in
    /// each `batchInterval`: 40 000 events/s, more than PostgreSQL takes.
    ///
    /// - Returns: nil at the end, or if the task is cancelled.
    func next() async -> WatchBatch? {
        while !Task.isCancelled {
            switch state.withLock({ decide(&$0) }) {
            case .deliver(let batch):
                emptied.ring()
                return batch
            case .end: return nil
            case .wait(let duration):
                do { try await sleep(duration) } catch { return nil }
            case .listen:
                guard await filled.wait() else { return nil }
            }
        }
        return nil
    }

    private enum Step {
        case deliver(WatchBatch)
        case wait(Duration)
        case listen
        case end
    }

    private func decide(_ state: inout State) -> Step {
        let now = now()
        let wait = state.isFinished ? (state.buffer.isEmpty ? nil : .zero) : state.buffer.wait(at: now)
        guard let wait else { return state.isFinished ? .end : .listen }
        if wait > .zero { return .wait(wait) }
        let (objects, position) = state.buffer.take(at: now)
        return .deliver(WatchBatch(namespace: namespace, objects: objects, position: position))
    }
}
