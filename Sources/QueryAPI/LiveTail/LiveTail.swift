public import EventReader
public import Logging
public import Metrics
public import ServiceLifecycle
internal import Synchronization

/// The live tail of a replica: one reader of the feed for all that listen. Nobody listening, it asks nothing.
public final class LiveTail: Service {
    private struct State {
        var machine: LiveTailStateMachine
        /// Listeners that wait for something to take.
        var waiting: [LiveTailStateMachine.ListenerID: CheckedContinuation<Void, Never>] = [:]
        /// Why nothing was known of the archive at the last question; nil if something was.
        var problem: EventReaderError?
        /// How often a question failed.
        var failures = 0
        var isOver = false
    }

    private let feed: any LiveFeed
    private let settings: LiveTailSettings
    private let metrics: LiveTailMetrics
    private let logger: Logger
    private let state: Mutex<State>
    private let bell = WakeUpBell()

    /// Reads nothing before it is run and somebody listens.
    public init(feed: any LiveFeed, settings: LiveTailSettings, metrics: any MetricsFactory, logger: Logger) {
        (self.feed, self.settings, self.logger) = (feed, settings, logger)
        self.metrics = LiveTailMetrics(factory: metrics)
        state = Mutex(State(machine: LiveTailStateMachine(settings)))
    }

    /// A listener, as soon as it is known where it starts: what is committed after this returns will come.
    ///
    /// - Throws: `LiveTailError`; `EventReaderError` if the archive does not answer.
    public func listen(_ query: EventQuery, from start: LiveStart) async throws -> LiveListener {
        let matcher = EventMatcher(query)
        let (added, isOver) = change { state in
            (state.isOver ? nil : state.machine.add(matcher, after: start, at: .now), state.isOver)
        }
        guard let added else {
            metrics.countRefused()
            throw isOver ? LiveTailError.over : LiveTailError.full(settings.mostListeners)
        }
        tellMetrics()
        let listener = LiveListener(id: added, tail: self)
        bell.ring()
        try await opened(added)
        return listener
    }

    /// Reads the feed for all listeners until the graceful shutdown, and then ends their streams.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled { await self.step() }
        }
        let waiting = state.withLock { state in
            state.isOver = true
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for continuation in waiting { continuation.resume() }
    }

    private func step() async {
        let action = change { $0.machine.next(at: .now) }
        do throws(EventReaderError) {
            switch action {
            case .sleep:
                metrics.feedLag(nil)
                return await bell.wait()
            case .wait(let end):
                return await bell.wait(until: end)
            case .findNewest:
                let newest = try await feed.newestFeedPosition(deadline: deadline)
                change { $0.machine.newestFound(newest, at: .now) }
            case .look(let positions):
                let standings = try await feed.standing(of: positions, deadline: deadline)
                let found = Dictionary(zip(positions, standings)) { first, _ in first }
                change { $0.machine.looked(found, at: .now) }
            case .readOn(let position):
                let page = try await feed.feed(after: position, limit: settings.pageLimit, deadline: deadline)
                metrics.feedLag(page.waiting)
                change { $0.machine.readOn(page, at: .now) }
            case .catchUp(let position):
                let page = try await feed.feed(after: position, limit: settings.pageLimit, deadline: deadline)
                change { $0.machine.caughtUp(page, after: position, at: .now) }
            }
            change { $0.problem = nil }
        } catch {
            guard !Task.isCancelled else { return }
            logger.debug("the feed could not be read", metadata: ["error": "\(error)"])
            change { state in
                state.problem = error
                state.failures += 1
                state.machine.failed(at: .now)
            }
        }
    }

    private var deadline: ContinuousClock.Instant { .now + settings.requestTimeout }

    /// Changes the state, and wakes those that have something to take by it.
    @discardableResult
    private func change<Value>(_ change: (inout State) -> Value) -> Value {
        let (value, woken, resets) = state.withLock { state in
            let before = state.machine.resets
            let value = change(&state)
            var woken: [CheckedContinuation<Void, Never>] = []
            for id in Array(state.waiting.keys) {
                let hasNothing = state.machine.listeners[id]?.buffer.isEmpty ?? false
                if hasNothing, state.problem == nil, !state.isOver { continue }
                if let continuation = state.waiting.removeValue(forKey: id) { woken.append(continuation) }
            }
            return (value, woken, state.machine.resets - before)
        }
        metrics.countResets(resets)
        for continuation in woken { continuation.resume() }
        return value
    }

    /// Waits until a listener knows where it starts.
    private func opened(_ id: LiveTailStateMachine.ListenerID) async throws {
        let failures = state.withLock { $0.failures }
        while true {
            let isOpen = try state.withLock { state in
                if state.isOver { throw LiveTailError.over }
                if state.machine.listeners[id]?.isOpen ?? true { return true }
                if let problem = state.problem, state.failures > failures { throw problem }
                return false
            }
            if isOpen { return }
            try Task.checkCancellation()
            await somethingToTake(id) { state in
                state.machine.listeners[id]?.isOpen ?? true || state.failures > failures
            }
        }
    }

    /// The next bytes for a listener; nil when its stream is to end.
    func next(_ id: LiveTailStateMachine.ListenerID) async -> [UInt8]? {
        while true {
            let (taken, isOver) = state.withLock { state in
                let isOver = state.isOver || state.machine.listeners[id] == nil
                return (state.machine.take(id, atMost: Self.bytesAtOnce), isOver)
            }
            if isOver || Task.isCancelled { return nil }
            if taken.hasRoomAgain { bell.ring() }
            if !taken.bytes.isEmpty { return taken.bytes }
            await somethingToTake(id) { $0.machine.listeners[id]?.buffer.isEmpty != true }
        }
    }

    private func somethingToTake(
        _ id: LiveTailStateMachine.ListenerID,
        isThere: @Sendable (borrowing State) -> Bool
    ) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDone = state.withLock { state in
                    if state.isOver || Task.isCancelled || isThere(state) { return true }
                    state.waiting[id] = continuation
                    return false
                }
                if isDone { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: id) }?.resume()
        }
    }

    func restrict(_ id: LiveTailStateMachine.ListenerID, to visibility: Visibility) {
        state.withLock { $0.machine.restrict(id, to: visibility) }
    }

    func remove(_ id: LiveTailStateMachine.ListenerID) {
        state.withLock { state in
            state.machine.remove(id)
            return state.waiting.removeValue(forKey: id)
        }?.resume()
        tellMetrics()
    }

    private func tellMetrics() {
        metrics.listeners(state.withLock { $0.machine.listeners.count })
    }

    /// What a listener takes at once.
    private static let bytesAtOnce = 64 * 1024
}

/// Why somebody cannot listen.
public enum LiveTailError: Error, Sendable, Equatable {
    /// So many listen already; later there may be room.
    case full(Int)
    /// The service is being stopped; another replica may take it.
    case over
}
