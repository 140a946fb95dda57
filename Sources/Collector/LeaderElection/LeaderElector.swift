internal import KubernetesAPI
public import Logging
internal import ServiceLifecycle
internal import Synchronization

/// Takes part in a leader election by a Lease, and runs something while it leads. It acts;
/// `LeaderElectionStateMachine` decides.
public final class LeaderElector: Sendable {
    /// Who leads.
    public let status: LeaderStatus

    private let leases: any LeaseStore
    private let namespace: String
    private let name: String
    private let timing: LeaseTiming
    private let metrics: LeaderElectionMetrics
    private let logger: Logger
    private let machine: Mutex<LeaderElectionStateMachine>

    /// - Parameters:
    ///   - leases: where the lease lies.
    ///   - identity: of this process, and of no other; a pod's name, for example, with something random behind it.
    /// - Throws: `LeaseTimingError` if the timing cannot work.
    public init(
        leases: any LeaseStore,
        namespace: String,
        name: String,
        identity: String,
        timing: LeaseTiming = LeaseTiming(),
        status: LeaderStatus = LeaderStatus(),
        metrics: LeaderElectionMetrics = LeaderElectionMetrics(),
        logger: Logger
    ) throws(LeaseTimingError) {
        try timing.validate()
        self.leases = leases
        self.namespace = namespace
        self.name = name
        self.timing = timing
        self.status = status
        self.metrics = metrics
        var logger = logger
        logger[metadataKey: "lease"] = "\(namespace)/\(name)"
        logger[metadataKey: "identity"] = "\(identity)"
        self.logger = logger
        machine = Mutex(
            LeaderElectionStateMachine(namespace: namespace, name: name, identity: identity, timing: timing)
        )
    }

    /// Campaigns, and runs `body` each time it leads, until the process shuts down gracefully, the task is cancelled, or
    /// `body` ends by itself. To be called once.
    ///
    /// When the lease is lost `body` is cancelled, its end is awaited, and the campaign goes on; what it throws then is
    /// logged and no more. On a graceful shutdown `body` sees it, and ends when it is done, while the lease goes on to
    /// be renewed. At the end the lease is released, so that another takes it at its next try.
    ///
    /// - Throws: what `body` throws while it leads. Whatever the API server does is no error here, but waited out;
    ///   `status` tells.
    public func run(whileLeading body: @escaping @Sendable () async throws -> Void) async throws {
        do {
            while await campaign() {
                guard try await lead(body) else { break }
            }
        } catch {
            await release()
            throw error
        }
        await release()
    }

    /// - Returns: whether we lead now; else there is nothing to be campaigned for any more.
    private func campaign() async -> Bool {
        await cancelWhenGracefulShutdown { await self.tryAgainAndAgain(asLeader: false) }
        return leads && !Task.isShuttingDownGracefully && !Task.isCancelled
    }

    private enum Ended: Sendable {
        case body(Result<Void, any Error>)
        case leading
    }

    /// - Returns: whether to go on with the campaign.
    private func lead(_ body: @escaping @Sendable () async throws -> Void) async throws -> Bool {
        try await withThrowingTaskGroup(of: Ended.self) { group in
            group.addTask {
                do {
                    return .body(.success(try await body()))
                } catch {
                    return .body(.failure(error))
                }
            }
            group.addTask {
                await self.keepLeading()
                return .leading
            }
            var isLost = false
            while let ended = try await group.next() {
                group.cancelAll()
                switch ended {
                case .leading:
                    // A cancelled task stops renewing too.
                    isLost = !Task.isCancelled
                case .body(let result):
                    if !isLost {
                        try result.get()
                        continue
                    }
                    if case .failure(let error) = result, !(error is CancellationError) {
                        logger.warning(
                            "What the leader did failed when it was stopped",
                            metadata: ["error": "\(error)"]
                        )
                    }
                    return true
                }
            }
            return false
        }
    }

    /// Returns when we do not lead any more, or the task is cancelled.
    private func keepLeading() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.tryAgainAndAgain(asLeader: true) }
            group.addTask { await self.awaitDeadline() }
            await group.next()
            group.cancelAll()
        }
    }

    /// A renewal that hangs, or a process that was stopped for a while, must not lead beyond its time.
    private func awaitDeadline() async {
        while let end = machine.withLock({ $0.leadsUntil }) {
            do {
                try await Task.sleep(until: end, clock: .continuous)
            } catch {
                return
            }
            _ = decide { $0.deadlinePassed(at: .now) }
        }
    }

    private var leads: Bool { machine.withLock { $0.leadsUntil != nil } }
}

extension LeaderElector {
    /// Tries until we lead, or until we do not, or the task is cancelled.
    private func tryAgainAndAgain(asLeader: Bool) async {
        while leads == asLeader, !Task.isCancelled {
            let now = ContinuousClock.now
            var action = decide { $0.due(at: now, wallClock: .now) }
            var pause: Duration?
            while pause == nil {
                guard leads == asLeader || !asLeader else { return }
                switch action {
                case .wait(let duration): pause = duration
                case .stop: return
                case .read, .create, .update:
                    guard let next = await perform(action, timeout: timing.requestTimeout) else { return }
                    action = next
                }
            }
            guard leads == asLeader, let pause else { return }
            do {
                try await Task.sleep(for: pause)
            } catch {
                return
            }
        }
    }

    /// Gives the lease back. Goes on when the task is cancelled, for its bound: it is that short so that a process which
    /// is told to end does.
    private func release() async {
        // A child task would be cancelled along with its parent; this one is awaited right here.
        await Task {
            let end = ContinuousClock.now + Self.releaseLimit
            var action = decide { $0.release(at: .now, wallClock: .now) }
            while action != .stop {
                let rest = end - .now
                guard rest > .zero, let next = await perform(action, timeout: rest) else { break }
                action = next
            }
        }.value
        status.ended()
    }

    /// For all requests of a release together.
    private static let releaseLimit = Duration.milliseconds(1500)

    /// - Returns: what to do next; nil if the task was cancelled meanwhile.
    private func perform(_ action: LeaderElectionStateMachine.Action, timeout: Duration) async
        -> LeaderElectionStateMachine.Action?
    {
        let random = Double.random(in: 0..<1)
        do throws(KubernetesAPIError) {
            switch action {
            case .read:
                let lease = try await found(timeout)
                status.succeeded()
                return decide { $0.found(lease, at: .now, wallClock: .now, random: random) }
            case .create(let lease):
                let lease = try await leases.create(lease, timeout: timeout)
                status.succeeded()
                return decide { $0.written(lease, at: .now) }
            case .update(let lease):
                let lease = try await leases.update(lease, timeout: timeout)
                status.succeeded()
                return decide { $0.written(lease, at: .now) }
            case .wait, .stop:
                return action
            }
        } catch {
            if Task.isCancelled { return nil }
            note(error)
            return decide { $0.failed(LeaderElectionStateMachine.Failure(error), at: .now, random: random) }
        }
    }

    private func found(_ timeout: Duration) async throws(KubernetesAPIError) -> Lease? {
        do {
            return try await leases.lease(name, in: namespace, timeout: timeout)
        } catch {
            if error.isNotFound { return nil }
            throw error
        }
    }

    private func note(_ error: KubernetesAPIError) {
        let metadata: Logger.Metadata = ["error": "\(error)"]
        if error.isConflict || error.isAlreadyExists {
            logger.debug("Somebody else has changed the lease", metadata: metadata)
        } else if status.failed("\(error)", at: .now) {
            logger.warning("The lease cannot be had; trying until it can", metadata: metadata)
        }
    }

    /// Tells the machine something, and everybody else what has changed by it.
    private func decide<Result>(_ tell: (inout LeaderElectionStateMachine) -> Result) -> Result {
        machine.withLock { machine in
            let result = tell(&machine)
            let isLeading = machine.leadsUntil != nil
            let change = status.set(isLeading: isLeading, holder: machine.holder, at: .now)
            if change.leading {
                metrics.changed(isLeading: isLeading)
                logger.notice("\(isLeading ? "This process leads" : "This process does not lead any more")")
            } else if change.holder, !isLeading, let holder = machine.holder {
                logger.info("Another process leads; standing by", metadata: ["holder": "\(holder)"])
            }
            return result
        }
    }
}

extension LeaderElectionStateMachine.Failure {
    fileprivate init(_ error: KubernetesAPIError) {
        if error.isConflict || error.isAlreadyExists {
            self = .conflict
        } else if error.isNotFound {
            self = .notFound
        } else {
            self = .other
        }
    }
}
