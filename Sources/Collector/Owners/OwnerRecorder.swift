public import EventModel
import EventSchema
import KubernetesAPI
public import Logging
public import Postgres
public import ServiceLifecycle
import Synchronization

/// Records who owns the objects that events are about, as the API server tells at the time. It acts; `OwnerWalk`
/// decides.
///
/// It is offered what was committed and never holds that up: what it has no room for is dropped, and what it cannot find
/// out now is not recorded; the next event of the same object offers it again.
public final class OwnerRecorder: Service, Sendable {
    private struct State {
        var queue: OwnerQueue
        /// Wakes `run`; nil while it does not run, and then nothing is taken.
        var bell: AsyncStream<Void>.Continuation?
    }

    private let asking: OwnerAsking
    private let store: OwnerStore
    private let limits: OwnerLimits
    private let metrics: OwnerMetrics
    private let logger: Logger
    private let state: Mutex<State>

    /// - Parameters:
    ///   - cluster: its name in the archive.
    ///   - source: the API server.
    ///   - pool: leads to the archive.
    public init(
        cluster: String,
        source: any MetadataSource,
        pool: PostgresPool,
        limits: OwnerLimits = OwnerLimits(),
        metrics: OwnerMetrics = OwnerMetrics(),
        logger: Logger
    ) {
        asking = OwnerAsking(source: source, limits: limits, metrics: metrics, logger: logger)
        store = OwnerStore(cluster: cluster, pool: pool)
        self.limits = limits
        self.metrics = metrics
        self.logger = logger
        state = Mutex(State(queue: OwnerQueue(limit: limits.waiting, settledLimit: limits.remembered)))
    }

    /// Whether it takes anything.
    var isRunning: Bool { state.withLock { $0.bell != nil } }

    /// How many wait.
    var waiting: Int { state.withLock { $0.queue.count } }

    /// Takes note of what these events are about. Returns at once; while it does not run, and when too many wait,
    /// objects are dropped.
    public func offer(_ events: [Event]) {
        guard state.withLock({ $0.bell != nil }) else { return }
        var seen: Set<UUIDBits> = []
        let objects = events.compactMap { ObjectReference($0) }.filter { seen.insert($0.uid).inserted }
        let outcome = state.withLock { state in
            let outcome = state.queue.offer(objects, at: .now)
            if outcome.queued > 0 { state.bell?.yield() }
            return outcome
        }
        metrics.dropped(outcome.dropped)
    }

    /// Runs until the graceful shutdown or the cancellation; what waits then is dropped. It can run again after that.
    public func run() async {
        let (bells, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        state.withLock { $0.bell = bell }
        await cancelWhenGracefulShutdown {
            for await _ in bells {
                while !Task.isCancelled {
                    let objects = self.state.withLock { $0.queue.take(self.limits.batch) }
                    guard !objects.isEmpty else { break }
                    await self.record(objects)
                }
                if Task.isCancelled { break }
            }
        }
        state.withLock { state in
            state.bell = nil
            state.queue.forgetWaiting()
        }
    }

    private func record(_ objects: [ObjectReference]) async {
        var walk = OwnerWalk(objects) { uid in self.state.withLock { $0.queue.isSettled(uid, at: .now) } }
        var settled: [UUIDBits: ContinuousClock.Instant] = [:]
        do {
            let records = try await self.walk(&walk)
            try await store.write(records, deadline: .now + Self.databasePatience)
            metrics.recorded(records)
            let now = ContinuousClock.now
            for uid in Set(objects.map(\.uid) + records.map(\.object.uid)) {
                if let holds = walk.holds(uid) { settled[uid] = now + holds }
            }
        } catch {
            metrics.dropped(objects.count)
            if !Task.isCancelled {
                logger.debug("Owners could not be recorded", metadata: ["error": "\(error)"])
                // The archive is away, and with it the events whose objects would be offered.
                try? await Task.sleep(for: .seconds(1))
            }
        }
        state.withLock { [settled] in $0.queue.done(objects, settled: settled) }
    }

    /// - Returns: what is to be written.
    /// - Throws: `PostgresError`, `CancellationError`.
    private func walk(_ walk: inout OwnerWalk) async throws -> [ObjectRecord] {
        var action = walk.start()
        while true {
            try Task.checkCancellation()
            switch action {
            case .resolve(let objects):
                action = walk.resolved(await asking.resolve(objects))
            case .recall(let objects):
                action = walk.recalled(try await store.records(of: objects, deadline: .now + Self.databasePatience))
            case .ask(let questions):
                action = walk.answered(await asking.answers(to: questions))
            case .record(let records):
                return records
            }
        }
    }

    private static let databasePatience = Duration.seconds(10)
}
