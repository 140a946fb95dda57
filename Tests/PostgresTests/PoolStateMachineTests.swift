import Testing

@testable import Postgres

@Suite struct PoolStateMachineTests {
    private let start = ContinuousClock.now
    private func second(_ number: Int) -> ContinuousClock.Instant { start + .seconds(number) }

    private func machine(connections: Int = 2, waiters: Int = 2) -> PoolStateMachine {
        PoolStateMachine(
            .init(connections: connections, waiters: waiters, idleTime: .seconds(60), age: .seconds(600))
        )
    }

    /// A machine with one connection, lent to somebody since second 0.
    private func machineWithOneLent(waiters: Int = 2) -> PoolStateMachine {
        var machine = machine(connections: 1, waiters: waiters)
        #expect(machine.acquire(1, deadline: second(9), now: start) == .grant(.connect(1)))
        machine.connected(1, now: start)
        return machine
    }

    @Test func connectionsAreMadeUpToTheBoundAndCallersWaitUpToTheirs() {
        var machine = machine()
        #expect(machine.acquire(1, deadline: second(9), now: start) == .grant(.connect(1)))
        #expect(machine.acquire(2, deadline: second(9), now: start) == .grant(.connect(2)))
        #expect(machine.acquire(3, deadline: second(9), now: start) == .wait)
        #expect(machine.acquire(4, deadline: second(9), now: start) == .wait)
        #expect(machine.acquire(5, deadline: second(9), now: start) == .refuseAsExhausted)
        #expect(machine.openCount == 2)
        #expect(machine.waitingCount == 2)
    }

    @Test func theFirstWhoWaitsIsServedFirst() {
        var machine = machineWithOneLent()
        #expect(machine.acquire(2, deadline: second(9), now: start) == .wait)
        #expect(machine.acquire(3, deadline: second(9), now: start) == .wait)
        #expect(machine.release(1, isReusable: true, now: second(1)) == .handOver(.init(waiter: 2, grant: .use(1))))
        #expect(machine.release(1, isReusable: true, now: second(2)) == .handOver(.init(waiter: 3, grant: .use(1))))
        #expect(machine.release(1, isReusable: true, now: second(3)) == .keep)
        #expect(machine.idleCount == 1)
    }

    @Test func theLastUsedIsUsedAgainFirst() {
        var machine = machine(connections: 3)
        for id in 1...3 {
            #expect(machine.acquire(id, deadline: second(9), now: start) == .grant(.connect(id)))
            machine.connected(id, now: start)
        }
        for id in [2, 3, 1] { #expect(machine.release(id, isReusable: true, now: second(1)) == .keep) }
        #expect(machine.acquire(4, deadline: second(9), now: second(2)) == .grant(.use(1)))
        #expect(machine.acquire(5, deadline: second(9), now: second(2)) == .grant(.use(3)))
    }

    @Test func aBrokenConnectionMakesRoomForTheNextWaiter() {
        var machine = machineWithOneLent()
        #expect(machine.acquire(2, deadline: second(9), now: start) == .wait)
        let resumption = PoolStateMachine.Resumption(waiter: 2, grant: .connect(2))
        #expect(machine.release(1, isReusable: false, now: second(1)) == .close(thenResume: resumption))
        #expect(machine.openCount == 1)
        // Its connect fails, and there is nobody else.
        #expect(machine.connectFailed(2) == PoolStateMachine.Resumption?.none)
        #expect(machine.openCount == 0)
    }

    @Test func aFailedConnectLetsTheNextWaiterTry() {
        var machine = machine(connections: 1)
        #expect(machine.acquire(1, deadline: second(9), now: start) == .grant(.connect(1)))
        #expect(machine.acquire(2, deadline: second(9), now: start) == .wait)
        #expect(machine.connectFailed(1) == .init(waiter: 2, grant: .connect(2)))
    }

    @Test func aDeadIdleConnectionIsReplacedInItsSlot() {
        var machine = machineWithOneLent()
        #expect(machine.release(1, isReusable: true, now: start) == .keep)
        #expect(machine.acquire(2, deadline: second(9), now: second(1)) == .grant(.use(1)))
        #expect(machine.replaceDead(1) == 2)
        #expect(machine.openCount == 1)
        #expect(machine.acquire(3, deadline: second(9), now: second(1)) == .wait)
    }

    @Test func oneWhoLeavesIsNotServed() {
        var machine = machineWithOneLent()
        #expect(machine.acquire(2, deadline: second(9), now: start) == .wait)
        #expect(machine.acquire(3, deadline: second(9), now: start) == .wait)
        #expect(machine.remove(2) == true)
        #expect(machine.remove(2) == false)
        #expect(machine.release(1, isReusable: true, now: second(1)) == .handOver(.init(waiter: 3, grant: .use(1))))
        // Too late: it has been granted something.
        #expect(machine.remove(3) == false)
    }

    @Test func timeEndsWaitingAndIdleness() {
        var machine = machine(connections: 2, waiters: 3)
        for id in 1...2 {
            #expect(machine.acquire(id, deadline: second(9), now: start) == .grant(.connect(id)))
            machine.connected(id, now: start)
        }
        #expect(machine.acquire(3, deadline: second(7), now: start) == .wait)
        #expect(machine.acquire(4, deadline: second(5), now: start) == .wait)
        #expect(machine.acquire(5, deadline: second(6), now: start) == .wait)
        #expect(machine.tick(now: second(4)) == .init(next: second(5)))
        #expect(machine.tick(now: second(6)) == .init(timedOut: [4, 5], next: second(7)))
        #expect(machine.tick(now: second(8)) == .init(timedOut: [3]))
        #expect(machine.release(1, isReusable: true, now: second(10)) == .keep)
        #expect(machine.release(2, isReusable: true, now: second(20)) == .keep)
        #expect(machine.tick(now: second(30)) == .init(next: second(70)))
        #expect(machine.tick(now: second(70)) == .init(closing: [1], next: second(80)))
        #expect(machine.tick(now: second(80)) == .init(closing: [2]))
        #expect(machine.openCount == 0)
    }

    @Test func anOldConnectionIsReplaced() {
        var machine = machineWithOneLent()
        #expect(machine.release(1, isReusable: true, now: second(599)) == .keep)
        #expect(machine.acquire(2, deadline: second(999), now: second(601)) == .replace(1, with: 2))
        machine.connected(2, now: second(601))
        #expect(machine.acquire(3, deadline: second(1999), now: second(601)) == .wait)
        let resumption = PoolStateMachine.Resumption(waiter: 3, grant: .connect(3))
        #expect(machine.release(2, isReusable: true, now: second(1201)) == .close(thenResume: resumption))
    }

    @Test func aShutDownPoolLendsNothing() {
        var machine = machine()
        for id in 1...2 {
            #expect(machine.acquire(id, deadline: second(9), now: start) == .grant(.connect(id)))
            machine.connected(id, now: start)
        }
        #expect(machine.acquire(3, deadline: second(9), now: start) == .wait)
        #expect(machine.remove(3) == true)
        #expect(machine.release(1, isReusable: true, now: start) == .keep)
        #expect(machine.shutDown() == .init(refused: [], closing: [1]))
        #expect(machine.acquire(4, deadline: second(9), now: start) == .refuseAsShutDown)
        #expect(machine.release(2, isReusable: true, now: start) == .close(thenResume: nil))
        #expect(machine.openCount == 0)
    }
}
