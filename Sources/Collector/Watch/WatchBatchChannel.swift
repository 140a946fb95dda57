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

    init(namespace: String?, options: WatchOptions) {
        self.namespace = namespace
        state = Mutex(State(buffer: WatchBatchBuffer(options)))
    }

    /// Takes an event as soon as there is room for it.
    ///
    /// - Throws: `CancellationError` if the task is cancelled while there is none.
    func append(_ object: JSONValue, version: String? = nil) async throws(CancellationError) {
        while !state.withLock({ $0.buffer.append(object, version: version) }) {
            guard await emptied.wait() else { throw CancellationError() }
        }
        filled.ring()
    }

    /// Notes that this version is reached.
    func reach(_ version: String, mustGoOut: Bool = false) {
        let isReady = state.withLock { state in
            state.buffer.reach(version, mustGoOut: mustGoOut, at: .now)
            return state.buffer.isReady
        }
        if isReady { filled.ring() }
    }

    /// Says that nothing more comes; what is here is still handed out.
    func finish() {
        state.withLock { $0.isFinished = true }
        filled.ring()
    }

    /// Everything that was gathered, as soon as there is something.
    ///
    /// - Returns: nil at the end, or if the task is cancelled.
    func next() async -> WatchBatch? {
        while true {
            let (taken, isFinished) = state.withLock { state in
                let isDue = state.buffer.isReady || (state.isFinished && !state.buffer.isEmpty)
                return (isDue ? state.buffer.take(at: .now) : nil, state.isFinished)
            }
            if let taken {
                emptied.ring()
                let position = taken.version.map {
                    WatchPosition(resourceVersion: $0, stretch: CoverageStretch(since: 0, until: 0, cause: .first))
                }
                return WatchBatch(namespace: namespace, objects: taken.objects, position: position)
            }
            if isFinished { return nil }
            guard await filled.wait() else { return nil }
        }
    }
}
