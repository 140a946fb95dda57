import Dispatch
public import Logging
import Synchronization

/// A bounded number of connections to one database, lent to one caller each.
///
/// Callers beyond the number of connections wait in the order in which they came, up to a bound; beyond that they are
/// refused at once. A connection is made in the task and under the deadline of the caller who needs it. The last one
/// used is lent again first.
public final class PostgresPool: Sendable {
    /// How a new session is made.
    public let configuration: PostgresConfiguration
    let logger: Logger
    private let state: Mutex<State>
    /// How long an idle connection may lie before the next look at it.
    private let idleTime: Duration
    private let timers = DispatchQueue(label: "kee.postgres.pool")

    enum Lease {
        case use(PoolStateMachine.ConnectionID, PostgresConnection)
        case connect(PoolStateMachine.ConnectionID)
        case refused(PostgresError.Kind, String)
    }

    private struct State {
        var machine: PoolStateMachine
        var connections: [PoolStateMachine.ConnectionID: PostgresConnection] = [:]
        var waiters: [PoolStateMachine.WaiterID: CheckedContinuation<Lease, Never>] = [:]
        var lastWaiter = 0
        /// When the earliest timer that is set will ask the machine for what is over.
        var nextTick: ContinuousClock.Instant?
    }

    /// Makes a pool; it connects when the first caller comes.
    ///
    /// - Parameters:
    ///   - maxConnections: at least 1. Two to four saturate two cores of a database; more make it slower.
    ///   - maxWaiters: how many callers may wait; one more gets `poolExhausted`.
    ///   - maxIdleTime: a connection that nobody used for so long is closed.
    ///   - maxAge: a connection older than this is closed when it comes back, so that backends do not grow for ever and
    ///     a changed DNS name is noticed.
    public init(
        _ configuration: PostgresConfiguration,
        maxConnections: Int,
        maxWaiters: Int = 1024,
        maxIdleTime: Duration = .seconds(300),
        maxAge: Duration = .seconds(3600),
        logger: Logger = Logger(label: "kee.postgres")
    ) {
        precondition(maxConnections >= 1, "a pool needs at least one connection, not \(maxConnections)")
        self.configuration = configuration
        self.logger = logger
        idleTime = min(maxIdleTime, maxAge)
        let limits = PoolStateMachine.Limits(
            connections: maxConnections,
            waiters: maxWaiters,
            idleTime: maxIdleTime,
            age: maxAge
        )
        state = Mutex(State(machine: PoolStateMachine(limits)))
    }

    /// Lends a connection to `body`, and takes it back when `body` ends. A transaction left open is rolled back.
    ///
    /// - Parameter deadline: for waiting and connecting; the statements within have their own.
    /// - Throws: `poolExhausted`, `poolShutDown`, `deadlineExceeded`, `cancelled`, `connecting` (all safe to retry), and
    ///   what `body` throws.
    public nonisolated(nonsending) func withConnection<Value>(
        deadline: ContinuousClock.Instant,
        _ body: nonisolated(nonsending) (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let (id, connection) = try await acquire(deadline)
        do {
            let value = try await body(connection)
            await release(id, connection)
            return value
        } catch {
            await release(id, connection)
            throw error
        }
    }

    /// Runs one statement on any connection, under one deadline for everything.
    ///
    /// - Throws: as `withConnection` and `PostgresConnection.query`.
    public func query(
        _ statement: PostgresStatement,
        _ parameters: PostgresParameters = PostgresParameters(),
        deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> PostgresResult {
        let (id, connection) = try await acquire(deadline)
        do throws(PostgresError) {
            let result = try await connection.query(statement, parameters, deadline: deadline)
            await release(id, connection)
            return result
        } catch {
            await release(id, connection)
            throw error
        }
    }

    /// Lends no connection any more. Callers who wait get `poolShutDown`; idle connections are closed when this
    /// returns, and the others when they come back.
    public func shutdown() async {
        let (waiters, connections) = state.withLock { state in
            let action = state.machine.shutDown()
            return (
                action.refused.compactMap { state.waiters.removeValue(forKey: $0) },
                action.closing.compactMap { state.connections.removeValue(forKey: $0) }
            )
        }
        for waiter in waiters { waiter.resume(returning: .refused(.poolShutDown, "the pool was shut down")) }
        for connection in connections { await connection.close() }
    }

    /// The numbers at this moment, for metrics.
    public struct Statistics: Sendable, Equatable {
        /// Connections that exist or are being made.
        public let open: Int
        /// Those of them that nobody uses.
        public let idle: Int
        /// Callers who wait.
        public let waiting: Int
    }

    /// The numbers at this moment.
    public var statistics: Statistics {
        state.withLock {
            Statistics(open: $0.machine.openCount, idle: $0.machine.idleCount, waiting: $0.machine.waitingCount)
        }
    }

    // MARK: Acquiring

    private func acquire(
        _ deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> (PoolStateMachine.ConnectionID, PostgresConnection) {
        switch await lease(deadline) {
        case .use(let id, let connection):
            if connection.isReusable { return (id, connection) }
            // The server has gone, or has something to say that nobody asked for.
            connection.closeLater()
            let new = state.withLock { state in
                state.connections[id] = nil
                return state.machine.replaceDead(id)
            }
            return (new, try await connect(new, deadline))
        case .connect(let id):
            return (id, try await connect(id, deadline))
        case .refused(let kind, let message):
            throw PostgresError(kind, message, attempted: "waiting for a connection", isSafeToRetry: true)
        }
    }

    private func connect(
        _ id: PoolStateMachine.ConnectionID,
        _ deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> PostgresConnection {
        do throws(PostgresError) {
            let connection = try await PostgresConnection.connect(configuration, deadline: deadline, logger: logger)
            state.withLock { state in
                state.machine.connected(id, now: .now)
                state.connections[id] = connection
            }
            return connection
        } catch {
            resume(state.withLock { state in Self.take(state.machine.connectFailed(id), &state) })
            throw error
        }
    }

    private func lease(_ deadline: ContinuousClock.Instant) async -> Lease {
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { ask(id, deadline, $0) }
        } onCancel: {
            let waiter = state.withLock { state in
                state.machine.remove(id) ? state.waiters.removeValue(forKey: id) : nil
            }
            waiter?.resume(returning: .refused(.cancelled, "the task was cancelled"))
        }
    }

    private func ask(
        _ id: PoolStateMachine.WaiterID,
        _ deadline: ContinuousClock.Instant,
        _ continuation: CheckedContinuation<Lease, Never>
    ) {
        let (lease, old): (Lease?, PostgresConnection?) = state.withLock { state in
            // A cancellation from here on finds the waiter in the queue.
            guard !Task.isCancelled else { return (.refused(.cancelled, "the task was cancelled"), nil) }
            guard deadline > .now else { return (.refused(.deadlineExceeded, "the deadline passed"), nil) }
            switch state.machine.acquire(id, deadline: deadline, now: .now) {
            case .grant(let grant): return (Self.lease(grant, state), nil)
            case .replace(let old, let new): return (.connect(new), state.connections.removeValue(forKey: old))
            case .wait:
                state.waiters[id] = continuation
                setTimer(&state, at: deadline)
                return (nil, nil)
            case .refuseAsExhausted:
                let waiting = state.machine.waitingCount
                return (.refused(.poolExhausted, "\(waiting) callers wait for a connection already"), nil)
            case .refuseAsShutDown: return (.refused(.poolShutDown, "the pool was shut down"), nil)
            }
        }
        old?.closeLater()
        if let lease { continuation.resume(returning: lease) }
    }

    private static func lease(_ grant: PoolStateMachine.Grant, _ state: borrowing State) -> Lease {
        switch grant {
        case .connect(let id): return .connect(id)
        case .use(let id):
            guard let connection = state.connections[id] else { return .connect(id) }
            return .use(id, connection)
        }
    }

    // MARK: Releasing

    private typealias Resumed = (waiter: CheckedContinuation<Lease, Never>, lease: Lease)

    private func release(_ id: PoolStateMachine.ConnectionID, _ connection: PostgresConnection) async {
        if connection.status.current == .inTransaction { await connection.rollback() }
        let isReusable = connection.status.current == .idle
        let (resumed, closing): (Resumed?, Bool) = state.withLock { state in
            switch state.machine.release(id, isReusable: isReusable, now: .now) {
            case .keep:
                setTimer(&state, at: .now + idleTime)
                return (nil, false)
            case .handOver(let resumption): return (Self.take(resumption, &state), false)
            case .close(let resumption):
                state.connections[id] = nil
                return (Self.take(resumption, &state), true)
            }
        }
        if closing { connection.closeLater() }
        resume(resumed)
    }

    private static func take(_ resumption: PoolStateMachine.Resumption?, _ state: inout State) -> Resumed? {
        guard let resumption, let waiter = state.waiters.removeValue(forKey: resumption.waiter) else { return nil }
        return (waiter, lease(resumption.grant, state))
    }

    private func resume(_ resumed: Resumed?) {
        if let resumed { resumed.waiter.resume(returning: resumed.lease) }
    }

    // MARK: Time

    /// One timer serves all: a waiter of whom the deadline is later than the next tick needs none of its own.
    private func setTimer(_ state: inout State, at instant: ContinuousClock.Instant) {
        if let next = state.nextTick, next <= instant { return }
        state.nextTick = instant
        timers.asyncAfter(deadline: .now() + DispatchTimeInterval(until: instant)) { [weak self] in
            self?.tick(instant)
        }
    }

    private func tick(_ instant: ContinuousClock.Instant) {
        let (waiters, connections) = state.withLock { state in
            // An earlier timer was set since, and goes on from there.
            guard state.nextTick == instant else {
                return ([CheckedContinuation<Lease, Never>](), [PostgresConnection]())
            }
            let action = state.machine.tick(now: .now)
            state.nextTick = nil
            if let next = action.next { setTimer(&state, at: next) }
            return (
                action.timedOut.compactMap { state.waiters.removeValue(forKey: $0) },
                action.closing.compactMap { state.connections.removeValue(forKey: $0) }
            )
        }
        for waiter in waiters { waiter.resume(returning: .refused(.deadlineExceeded, "the deadline passed")) }
        for connection in connections { connection.closeLater() }
    }
}
