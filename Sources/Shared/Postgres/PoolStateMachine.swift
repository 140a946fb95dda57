import DequeModule

/// The decisions of the pool: who gets which connection, who waits, what is closed. It knows no connection, no lock and
/// no clock; connections and waiters are numbers here.
struct PoolStateMachine {
    typealias ConnectionID = Int
    typealias WaiterID = Int
    typealias Instant = ContinuousClock.Instant

    struct Limits: Equatable {
        let connections: Int
        let waiters: Int
        let idleTime: Duration
        let age: Duration
    }

    private enum Slot: Equatable {
        /// Its acquirer makes it → leased, or gone
        case connecting
        /// → idle, leased (to the next waiter), or gone
        case leased(since: Instant)
        /// → leased, or gone
        case idle(made: Instant, since: Instant)
    }

    private struct Waiter {
        let id: WaiterID
        let deadline: Instant
    }

    private let limits: Limits
    private var slots: [ConnectionID: Slot] = [:]
    /// The last one used is the first one to be used again: it is the warmest, and the others can grow old.
    private var idle: [ConnectionID] = []
    private var waiters = Deque<Waiter>()
    private var lastID = 0
    private var isShutDown = false

    init(_ limits: Limits) { self.limits = limits }

    var openCount: Int { slots.count }
    var idleCount: Int { idle.count }
    var waitingCount: Int { waiters.count }

    /// What somebody may do who asked for a connection.
    enum Grant: Equatable {
        case use(ConnectionID)
        /// Make a connection, which will have this number.
        case connect(ConnectionID)
    }

    struct Resumption: Equatable {
        let waiter: WaiterID
        let grant: Grant
    }

    // MARK: Acquiring

    enum AcquireAction: Equatable {
        case grant(Grant)
        /// Close an idle connection that is too old, and make a new one.
        case replace(ConnectionID, with: ConnectionID)
        case wait
        case refuseAsExhausted
        case refuseAsShutDown
    }

    /// Somebody asks for a connection.
    mutating func acquire(_ waiter: WaiterID, deadline: Instant, now: Instant) -> AcquireAction {
        guard !isShutDown else { return .refuseAsShutDown }
        if let id = idle.popLast() {
            guard case .idle(let made, let since) = slots[id], !isExpired(made: made, idleSince: since, now) else {
                slots[id] = nil
                return .replace(id, with: newSlot())
            }
            slots[id] = .leased(since: made)
            return .grant(.use(id))
        }
        if slots.count < limits.connections { return .grant(.connect(newSlot())) }
        guard waiters.count < limits.waiters else { return .refuseAsExhausted }
        waiters.append(Waiter(id: waiter, deadline: deadline))
        return .wait
    }

    /// Its deadline has passed or its task was cancelled. False when it has been granted something already.
    mutating func remove(_ waiter: WaiterID) -> Bool {
        guard let index = waiters.firstIndex(where: { $0.id == waiter }) else { return false }
        waiters.remove(at: index)
        return true
    }

    // MARK: Connecting

    /// The connection is made, and its acquirer uses it.
    mutating func connected(_ id: ConnectionID, now: Instant) { slots[id] = .leased(since: now) }

    /// A connection that was to be used turns out to be dead: its slot goes on to a new one.
    mutating func replaceDead(_ id: ConnectionID) -> ConnectionID {
        slots[id] = nil
        return newSlot()
    }

    /// The connection could not be made. The next waiter may try for itself, with its own deadline.
    mutating func connectFailed(_ id: ConnectionID) -> Resumption? {
        slots[id] = nil
        return resumeWithNewConnection()
    }

    // MARK: Releasing

    enum ReleaseAction: Equatable {
        case keep
        case handOver(Resumption)
        case close(thenResume: Resumption?)
    }

    /// A connection comes back.
    mutating func release(_ id: ConnectionID, isReusable: Bool, now: Instant) -> ReleaseAction {
        guard case .leased(let made) = slots[id], isReusable, !isShutDown, now - made < limits.age else {
            slots[id] = nil
            return .close(thenResume: resumeWithNewConnection())
        }
        if let waiter = waiters.popFirst() {
            return .handOver(Resumption(waiter: waiter.id, grant: .use(id)))
        }
        slots[id] = .idle(made: made, since: now)
        idle.append(id)
        return .keep
    }

    // MARK: Time and the end

    struct TickAction: Equatable {
        var timedOut: [WaiterID] = []
        var closing: [ConnectionID] = []
        /// When to come back; nil when nothing depends on time.
        var next: Instant?
    }

    /// Finds the waiters whose time is over and the idle connections that are too old.
    mutating func tick(now: Instant) -> TickAction {
        var action = TickAction()
        action.timedOut = waiters.filter { $0.deadline <= now }.map(\.id)
        if !action.timedOut.isEmpty { waiters.removeAll { $0.deadline <= now } }
        var next = waiters.map(\.deadline).min()
        for (id, slot) in slots {
            guard case .idle(let made, let since) = slot else { continue }
            if isExpired(made: made, idleSince: since, now) {
                slots[id] = nil
                action.closing.append(id)
            } else {
                let end = min(made + limits.age, since + limits.idleTime)
                next = min(next ?? end, end)
            }
        }
        idle.removeAll { slots[$0] == nil }
        action.closing.sort()
        action.next = next
        return action
    }

    struct ShutDownAction: Equatable {
        let refused: [WaiterID]
        let closing: [ConnectionID]
    }

    /// No more leases. What is leased now is closed when it comes back.
    mutating func shutDown() -> ShutDownAction {
        isShutDown = true
        let action = ShutDownAction(refused: waiters.map(\.id), closing: idle)
        waiters.removeAll()
        for id in idle { slots[id] = nil }
        idle.removeAll()
        return action
    }

    private func isExpired(made: Instant, idleSince: Instant, _ now: Instant) -> Bool {
        now - made >= limits.age || now - idleSince >= limits.idleTime
    }

    private mutating func newSlot() -> ConnectionID {
        lastID += 1
        slots[lastID] = .connecting
        return lastID
    }

    private mutating func resumeWithNewConnection() -> Resumption? {
        guard !isShutDown, let waiter = waiters.popFirst() else { return nil }
        return Resumption(waiter: waiter.id, grant: .connect(newSlot()))
    }
}
